package io.grip.supervisor.spring.observation;

import io.grip.supervisor.spring.Supervised;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A bean with one supervised method for each way to run; each attempt does what the test says. */
class Shop {

    /** How a method is called, and how the caller gets its value. */
    enum Way {
        ON_THE_CALLERS_THREAD {
            @Override
            String call(Shop shop, Callable<String> attempt) throws Exception {
                return shop.plain(attempt);
            }
        },
        ON_A_THREAD_OF_ITS_OWN {
            @Override
            String call(Shop shop, Callable<String> attempt) throws Exception {
                return shop.own(attempt);
            }
        },
        STAGE {
            @Override
            String call(Shop shop, Callable<String> attempt) {
                return shop.stage(attempt).toCompletableFuture().join();
            }
        },
        MONO {
            @Override
            String call(Shop shop, Callable<String> attempt) {
                return shop.mono(attempt).block();
            }
        },
        FLUX {
            @Override
            String call(Shop shop, Callable<String> attempt) {
                return shop.flux(attempt).blockLast();
            }
        };

        abstract String call(Shop shop, Callable<String> attempt) throws Exception;
    }

    @Supervised("shop")
    String plain(Callable<String> attempt) throws Exception {
        return attempt.call();
    }

    @Supervised("own")
    String own(Callable<String> attempt) throws Exception {
        return attempt.call();
    }

    @Supervised("shop")
    CompletionStage<String> stage(Callable<String> attempt) {
        try {
            return CompletableFuture.completedFuture(attempt.call());
        } catch (Exception failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    @Supervised("shop")
    Mono<String> mono(Callable<String> attempt) {
        return Mono.fromCallable(attempt);
    }

    @Supervised("shop")
    Flux<String> flux(Callable<String> attempt) {
        return Flux.from(Mono.fromCallable(attempt));
    }
}
