package io.grip.supervisor.spring.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application with a real server, closed while much is going on in it. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShutdownTests {

    private static final int CALLS = 1_000;
    private static final int ON_PLATFORM_THREADS = 100;
    private static final Duration PHASE_TIMEOUT = Duration.ofSeconds(30);

    @Test
    void endsEveryWaitAndServesTheRequestInFlight(CapturedOutput output) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        startWhatTheJvmKeeps();
        Set<Thread> before = liveThreads();
        ConfigurableApplicationContext context = start();
        Application application = context.getBean(Application.class);
        Supervisor payment = context.getBean(SupervisorRegistry.class).get("payment");
        List<CompletableFuture<Result<Object>>> waiting = callsThatWait(payment);
        assertThat(application.inBackoff.await(60, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<HttpResponse<String>> good = get(http, context, "/good");
        CompletableFuture<HttpResponse<String>> bad = get(http, context, "/bad");
        assertThat(application.requestsIn.await(30, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);

        List<Result<Object>> results = new ArrayList<>();
        for (CompletableFuture<Result<Object>> each : waiting) {
            results.add(each.get(PHASE_TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        }
        assertThat(results).hasSize(CALLS).allSatisfy(result -> {
            assertThat(result.failure()).isEqualTo(FailureKind.SHUTDOWN);
            assertThat(result.attempts()).isEqualTo(1);
        });
        assertThat(closing).as("the close, which waits for the requests").isNotDone();
        application.goOn.countDown();
        assertThat(good.get(PHASE_TIMEOUT.toSeconds(), TimeUnit.SECONDS).body()).isEqualTo("receipt");
        assertThat(bad.get(PHASE_TIMEOUT.toSeconds(), TimeUnit.SECONDS).body()).isEqualTo("SHUTDOWN after 1");
        assertThat(application.attemptsOfRequests).hasValue(2);
        closing.get(PHASE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(output).doesNotContain("still running after timeout");
        for (Thread ending : newThreads(before)) {
            ending.join(PHASE_TIMEOUT.toMillis());
        }
        assertThat(newThreads(before)).isEmpty();
    }

    private static ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.SERVLET)
                .properties(
                        "server.port=0",
                        "spring.main.register-shutdown-hook=false",
                        "spring.lifecycle.timeout-per-shutdown-phase=" + PHASE_TIMEOUT.toSeconds() + "s",
                        "grip.supervisor.policies.payment.retry.max-attempts=3",
                        "grip.supervisor.policies.payment.retry.backoff.type=fixed",
                        "grip.supervisor.policies.payment.retry.backoff.initial=1h")
                .run();
    }

    /** Half of what would wait for an hour does so on threads of its own, the other half on none. */
    private static List<CompletableFuture<Result<Object>>> callsThatWait(Supervisor payment) {
        List<CompletableFuture<Result<Object>>> calls = new ArrayList<>();
        ExecutorService platform = Executors.newFixedThreadPool(ON_PLATFORM_THREADS);
        ExecutorService virtual = virtualThreads();
        for (int call = 0; call < CALLS; call++) {
            if (call < ON_PLATFORM_THREADS) {
                calls.add(CompletableFuture.supplyAsync(() -> payment.run(ShutdownTests::fail), platform));
            } else if (virtual != null && call % 2 == 0) {
                calls.add(CompletableFuture.supplyAsync(() -> payment.run(ShutdownTests::fail), virtual));
            } else {
                calls.add(payment.runAsync(context -> CompletableFuture.failedFuture(new IOException("reset"))));
            }
        }
        platform.shutdown();
        if (virtual != null) {
            virtual.shutdown();
        }
        return calls;
    }

    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException olderJvm) {
            return null;
        } catch (ReflectiveOperationException failed) {
            throw new AssertionError(failed);
        }
    }

    private static Object fail(ExecutionContext context) throws IOException {
        throw new IOException("reset");
    }

    private static CompletableFuture<HttpResponse<String>> get(
            HttpClient http, ConfigurableApplicationContext context, String path) {
        String port = context.getEnvironment().getProperty("local.server.port");
        URI uri = URI.create("http://localhost:" + port + path);
        return http.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The timer, the watchdog and the executor of the library serve the whole JVM, and so outlive a context. */
    private static void startWhatTheJvmKeeps() throws Exception {
        Supervisor supervisor = Supervisor.builder("before")
                .policy(SupervisorPolicy.none()
                        .withRetry(RetryPolicy.of(2).withBackoff(Duration.ofMillis(1)))
                        .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(30))))
                .build();
        supervisor.run(ShutdownTests::fail);
        supervisor
                .runAsync(context -> CompletableFuture.failedFuture(new IOException("reset")))
                .get(30, TimeUnit.SECONDS);
        supervisor.close();
    }

    private static Set<Thread> liveThreads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    private static Set<Thread> newThreads(Set<Thread> before) {
        Set<String> otherServers = before.stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("http-nio-"))
                .map(ShutdownTests::poolOf)
                .collect(Collectors.toSet());
        return liveThreads().stream()
                .filter(thread -> !before.contains(thread) && !isOfTheTest(thread))
                .filter(thread -> !otherServers.contains(poolOf(thread.getName())))
                .collect(Collectors.toSet());
    }

    /** Contexts that other tests keep for later have servers whose pools take on threads when they please. */
    private static String poolOf(String threadName) {
        return threadName.substring(0, threadName.lastIndexOf('-') + 1);
    }

    private static boolean isOfTheTest(Thread thread) {
        return thread.getName().startsWith("HttpClient-") || thread.getName().startsWith("ForkJoinPool");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @RestController
    static class Application {
        final CountDownLatch inBackoff = new CountDownLatch(CALLS);
        final CountDownLatch requestsIn = new CountDownLatch(2);
        final CountDownLatch goOn = new CountDownLatch(1);
        final AtomicInteger attemptsOfRequests = new AtomicInteger();

        @Bean
        SupervisorCustomizer countingRetries() {
            return (name, builder) -> builder.addHooks(new Hooks() {
                @Override
                public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
                    inBackoff.countDown();
                }
            });
        }

        @Autowired
        SupervisorRegistry registry;

        @GetMapping("/good")
        String good() throws Exception {
            awaitTheClose();
            return registry.get("payment").call(context -> {
                attemptsOfRequests.incrementAndGet();
                return "receipt";
            });
        }

        @GetMapping("/bad")
        String bad() throws Exception {
            awaitTheClose();
            Result<Object> result = registry.get("payment").run(context -> {
                attemptsOfRequests.incrementAndGet();
                throw new IOException("reset");
            });
            return result.failure() + " after " + result.attempts();
        }

        private void awaitTheClose() throws InterruptedException {
            requestsIn.countDown();
            goOn.await();
        }
    }
}
