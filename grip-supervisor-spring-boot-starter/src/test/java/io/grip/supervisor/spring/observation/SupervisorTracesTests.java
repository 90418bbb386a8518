package io.grip.supervisor.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.observation.Shop.Way;
import io.grip.supervisor.time.ManualTime;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/** What a tracer makes of the executions of a supervisor. */
class SupervisorTracesTests {

    private static final SupervisorPolicy THREE =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(BackoffPolicy.none()));

    private final SimpleTracer tracer = new SimpleTracer();
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final Ends ends = new Ends();

    /** Counts how often observations start and stop, and scopes open and close. */
    private static final class Ends implements ObservationHandler<Observation.Context> {

        private final List<Observation.Context> started = Collections.synchronizedList(new ArrayList<>());
        private final List<Observation.Context> stopped = Collections.synchronizedList(new ArrayList<>());
        private final AtomicInteger open = new AtomicInteger();

        @Override
        public void onStart(Observation.Context context) {
            started.add(context);
        }

        @Override
        public void onStop(Observation.Context context) {
            stopped.add(context);
        }

        @Override
        public void onScopeOpened(Observation.Context context) {
            open.incrementAndGet();
        }

        @Override
        public void onScopeClosed(Observation.Context context) {
            open.decrementAndGet();
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    SupervisorTracesTests() {
        registry.observationConfig()
                .observationHandler(new DefaultTracingObservationHandler(tracer))
                .observationHandler(ends);
    }

    @AfterEach
    void everyObservationHasEndedOnceAndEveryScopeIsClosed() {
        assertThat(ends.stopped).containsExactlyInAnyOrderElementsOf(ends.started);
        assertThat(ends.open).hasValue(0);
        assertThat(registry.getCurrentObservation()).isNull();
        assertThat(tracer.currentSpan()).isNull();
    }

    private Supervisor.Builder supervisor(String name, SupervisorPolicy policy) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory(Map.of("registry", registry));
        Supervisor.Builder builder = Supervisor.builder(name).policy(policy).time(ManualTime.selfAdvancing());
        new SupervisorObservations(
                        true,
                        beans.getBeanProvider(ObservationRegistry.class),
                        beans.getBeanProvider(SupervisorObservationConvention.class),
                        beans.getBeanProvider(AttemptObservationConvention.class))
                .customize(name, builder);
        return builder;
    }

    /** Fails so often, then returns. */
    private static Callable<String> failing(int times) {
        AtomicInteger calls = new AtomicInteger();
        return () -> {
            if (calls.incrementAndGet() <= times) {
                throw new IOException("attempt " + calls);
            }
            return "value";
        };
    }

    private List<SimpleSpan> spans(String name) {
        return tracer.getSpans().stream()
                .filter(span -> name.equals(span.getName()))
                .toList();
    }

    private SimpleSpan span(String name) {
        List<SimpleSpan> spans = spans(name);
        assertThat(spans).as(name + " among " + tracer.getSpans()).hasSize(1);
        return spans.get(0);
    }

    private static List<String> events(FinishedSpan span) {
        return span.getEvents().stream().map(Map.Entry::getValue).toList();
    }

    @ParameterizedTest
    @EnumSource
    void theAttemptsAreChildrenOfTheExecutionAndThatOfTheCaller(Way way) {
        TestShop.runner()
                .withBean(ObservationRegistry.class, () -> registry)
                .withPropertyValues("grip.supervisor.observation.enabled=true")
                .run(context -> Observation.createNotStarted("caller", registry)
                        .observeChecked(() -> way.call(context.getBean(Shop.class), failing(2))));

        String name = way == Way.ON_A_THREAD_OF_ITS_OWN ? "own" : "shop";
        SimpleSpan execution = span("supervise " + name);
        assertThat(execution.getParentId()).isEqualTo(span("caller").getSpanId());
        assertThat(execution.getTags())
                .containsEntry("supervisor", name)
                .containsEntry("outcome", "success")
                .containsEntry("failure", "none")
                .containsEntry("exception", "none")
                .containsEntry("attempts", "3")
                .containsEntry("restarts", "0");
        assertThat(execution.getTags().get("execution.id")).startsWith(name + "#");
        assertThat(execution.getError()).isNull();
        assertThat(events(execution))
                .containsExactly(
                        "attempt 2 follows in PT0S after IOException", "attempt 3 follows in PT0S after IOException");
        assertThat(spans("attempt " + name))
                .hasSize(3)
                .allSatisfy(attempt -> assertThat(attempt.getParentId()).isEqualTo(execution.getSpanId()))
                .allSatisfy(attempt -> assertThat(attempt.getTags().get("execution.id"))
                        .isEqualTo(execution.getTags().get("execution.id")))
                .extracting(attempt -> attempt.getTags().get("outcome"))
                .containsExactly("failure", "failure", "success");
        assertThat(spans("attempt " + name))
                .extracting(attempt -> attempt.getTags().get("attempt"))
                .containsExactly("1", "2", "3");
    }

    @Test
    void aFailureIsAnErrorOfTheExecutionAndOfItsAttemptsAndEscalates() {
        IOException reset = new IOException("reset");

        supervisor("payment", THREE).build().run(context -> {
            throw reset;
        });

        SimpleSpan execution = span("supervise payment");
        assertThat(execution.getError()).isSameAs(reset);
        assertThat(execution.getTags())
                .containsEntry("outcome", "failure")
                .containsEntry("failure", "handler_error")
                .containsEntry("exception", "IOException");
        assertThat(events(execution)).hasSize(3).endsWith("escalated");
        assertThat(spans("attempt payment"))
                .hasSize(3)
                .allSatisfy(attempt -> assertThat(attempt.getError()).isSameAs(reset));
    }

    @Test
    void aRestartIsAnEvent() {
        Callable<String> once = failing(1);

        supervisor("poller", SupervisorPolicy.none().withRestart(RestartPolicy.ON_FAILURE))
                .build()
                .run(context -> once.call());

        assertThat(events(span("supervise poller"))).containsExactly("restart 1 after IOException");
        assertThat(span("supervise poller").getTags()).containsEntry("restarts", "1");
    }

    @Test
    void nestedSupervisorsNestTheirSpans() throws Exception {
        Supervisor inner = supervisor("inner", THREE).build();
        Supervisor outer = supervisor("outer", THREE).build();
        Callable<String> body = failing(1);

        outer.call(context -> inner.call(within -> body.call()));

        assertThat(span("supervise inner").getParentId())
                .isEqualTo(span("attempt outer").getSpanId());
        assertThat(span("attempt outer").getParentId())
                .isEqualTo(span("supervise outer").getSpanId());
        assertThat(spans("attempt inner")).hasSize(2);
    }

    @Test
    void aRejectedExecutionEndsWithItsErrorAndWithoutAnAttempt() {
        Supervisor supervisor = supervisor("busy", SupervisorPolicy.none().withAdmission(AdmissionPolicy.of(1)))
                .executor(Runnable::run)
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);

        Result<String> refused = supervisor.run(context -> "value");

        SimpleSpan execution = span("supervise busy");
        assertThat(execution.getError()).isSameAs(refused.cause());
        assertThat(execution.getTags())
                .containsEntry("outcome", "rejected")
                .containsEntry("failure", "rejected")
                .containsEntry("exception", "AdmissionRejectedException")
                .containsEntry("attempts", "0");
        stage.complete("value");
        assertThat(spans("attempt busy")).hasSize(1);
    }

    @Test
    void aCancelledFutureEndsItsSpansOnceWithAnError() {
        Supervisor supervisor =
                supervisor("mailer", THREE).executor(Runnable::run).build();
        CompletableFuture<String> stage = new CompletableFuture<>();

        supervisor.runAsync(context -> stage).cancel(true);
        stage.complete("late");

        assertThat(span("supervise mailer").getTags()).containsEntry("outcome", "cancelled");
        assertThat(span("supervise mailer").getError()).isNotNull();
        assertThat(span("attempt mailer").getTags()).containsEntry("outcome", "cancelled");
        assertThat(span("attempt mailer").getError()).isNotNull();
    }

    @Test
    void aShutdownEndsAWaitingExecutionOnceWithAnError() {
        ManualTime time = ManualTime.create();
        Supervisor supervisor = supervisor(
                        "waiting",
                        SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(Duration.ofHours(1))))
                .time(time)
                .executor(Runnable::run)
                .build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            throw new IOException("reset");
        });
        assertThat(future).isNotDone();

        supervisor.close();

        assertThat(future.join().failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(span("supervise waiting").getTags())
                .containsEntry("outcome", "shutdown")
                .containsEntry("attempts", "1");
        assertThat(span("supervise waiting").getError()).isSameAs(future.join().cause());
    }

    @Test
    void anAttemptThatIsLeftAtItsLimitEndsAsTimeoutAndLeavesNoScopeOnItsThread() throws Exception {
        ManualTime time = ManualTime.create();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        List<Observation> after = new CopyOnWriteArrayList<>();
        Supervisor supervisor = supervisor(
                        "report",
                        SupervisorPolicy.none()
                                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                .time(time)
                .runner(ExecutorRunner.ownThread())
                .carrier(() -> new ContextCarrier.Captured() {
                    @Override
                    public <T> T call(ContextCarrier.Call<T> body) throws Exception {
                        try {
                            return body.call();
                        } finally {
                            after.add(registry.getCurrentObservation());
                        }
                    }
                })
                .build();

        CompletableFuture<Result<String>> run = CompletableFuture.supplyAsync(() -> supervisor.run(context -> {
            begun.countDown();
            boolean interrupted = false;
            while (free.getCount() > 0) {
                try {
                    free.await();
                } catch (InterruptedException overheard) {
                    interrupted = true;
                }
            }
            return "late after interrupt: " + interrupted;
        }));
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThat(run.get(20, TimeUnit.SECONDS).isSuccess()).isFalse();
        assertThat(span("attempt report").getTags()).containsEntry("outcome", "timeout");
        assertThat(ends.open).hasValue(1);

        free.countDown();
        // Looked at on that thread when the attempt's scope is closed.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(after).hasSize(1).containsOnlyNulls());
    }

    @Test
    void withoutObservationsOfAttemptsWhatTheyDoIsPartOfTheExecution() throws Exception {
        registry.observationConfig().observationPredicate((name, context) -> !name.equals("grip.supervisor.attempt"));

        supervisor("payment", THREE)
                .build()
                .call(attempt ->
                        Observation.createNotStarted("inside", registry).observe(() -> "value"));

        assertThat(spans("attempt payment")).isEmpty();
        assertThat(span("inside").getParentId())
                .isEqualTo(span("supervise payment").getSpanId());
    }

    @Test
    void exceptionsHaveAtMostTwentyNamesPerSupervisor() {
        Supervisor supervisor = supervisor("noisy", SupervisorPolicy.none()).build();
        List<Exception> exceptions = ManyExceptions.of(22);

        exceptions.forEach(thrown -> supervisor.run(context -> {
            throw thrown;
        }));

        assertThat(spans("supervise noisy"))
                .extracting(span -> span.getTags().get("exception"))
                .contains("other")
                .satisfies(
                        names -> assertThat(names.stream().distinct().count()).isEqualTo(21));
    }

    @Test
    void anErrorOfAHandlerChangesNothing() {
        registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onEvent(Observation.Event event, Observation.Context context) {
                throw new IllegalStateException("handler");
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        Callable<String> body = failing(2);

        assertThat(supervisor("payment", THREE)
                        .build()
                        .run(context -> body.call())
                        .attempts())
                .isEqualTo(3);
        assertThatThrownBy(() -> supervisor("payment", SupervisorPolicy.none())
                        .build()
                        .call(context -> failing(1).call()))
                .isInstanceOf(IOException.class);
    }
}
