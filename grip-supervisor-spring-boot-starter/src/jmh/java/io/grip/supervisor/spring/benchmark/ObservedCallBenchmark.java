package io.grip.supervisor.spring.benchmark;

import io.github.resilience4j.retry.Retry;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.spring.event.ExecutionSucceeded;
import io.grip.supervisor.spring.event.RetryScheduled;
import io.grip.supervisor.spring.event.SupervisorEventPublisher;
import io.grip.supervisor.spring.metrics.SupervisorMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.EventListener;

/** What it costs to be observed, on success (S6): meters and events, beside a timer used by hand. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ObservedCallBenchmark {

    /** One number that a task reads, so that it is not folded away. */
    @State(Scope.Thread)
    public static class Work {
        int input = 41;
        final Task<Integer> task = context -> succeed();

        int succeed() {
            return input + 1;
        }
    }

    @State(Scope.Benchmark)
    public static class Observed {
        final Timer timer = Timer.builder("by.hand").register(new SimpleMeterRegistry());
        final Timer second = Timer.builder("second").register(new SimpleMeterRegistry());
        final Retry resilience4j = Retry.ofDefaults("counted");
        final Supervisor bare = Supervisor.builder("bare").build();
        final Supervisor metered = metered(new SimpleMeterRegistry());
        final Supervisor meteredWithoutAttempts = metered(withoutAttempts());
        final Supervisor meteredForPrometheus = metered(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        final Supervisor withoutListeners = publishing(Object.class);
        final Supervisor withListenerToRetries = publishing(ToRetries.class);
        final Supervisor withListenerToSuccess = publishing(ToSuccess.class);

        private static MeterRegistry withoutAttempts() {
            MeterRegistry registry = new SimpleMeterRegistry();
            registry.config().meterFilter(MeterFilter.denyNameStartsWith("grip.supervisor.attempts"));
            return registry;
        }

        private static Supervisor metered(MeterRegistry registry) {
            var context = new AnnotationConfigApplicationContext();
            context.registerBean(MeterRegistry.class, () -> registry);
            context.refresh();
            Supervisor.Builder builder = Supervisor.builder("metered");
            new SupervisorMetrics(context.getBeanProvider(MeterRegistry.class)).customize("metered", builder);
            return builder.build();
        }

        private static Supervisor publishing(Class<?> listener) {
            Supervisor.Builder builder = Supervisor.builder("publishing");
            new SupervisorEventPublisher(new AnnotationConfigApplicationContext(listener))
                    .customize("publishing", builder);
            return builder.build();
        }
    }

    static final class ToRetries {
        @EventListener
        void on(RetryScheduled event) {}
    }

    static final class ToSuccess {
        @EventListener
        void on(ExecutionSucceeded event) {}
    }

    @Benchmark
    public int timerByHand(Work work, Observed observed) {
        long from = System.nanoTime();
        int value = work.succeed();
        observed.timer.record(System.nanoTime() - from, TimeUnit.NANOSECONDS);
        return value;
    }

    /** What a supervisor's meters come to at least: an attempt and an execution are a timer each. */
    @Benchmark
    public int twoTimersByHand(Work work, Observed observed) {
        long from = System.nanoTime();
        int value = work.succeed();
        long nanos = System.nanoTime() - from;
        observed.timer.record(nanos, TimeUnit.NANOSECONDS);
        observed.second.record(nanos, TimeUnit.NANOSECONDS);
        return value;
    }

    /** Its counters are always on; a meter would but read them. */
    @Benchmark
    public int resilience4jCounted(Work work, Observed observed) throws Throwable {
        return observed.resilience4j.executeCheckedSupplier(work::succeed);
    }

    @Benchmark
    public int notObserved(Work work, Observed observed) throws Exception {
        return observed.bare.call(work.task);
    }

    @Benchmark
    public int metered(Work work, Observed observed) throws Exception {
        return observed.metered.call(work.task);
    }

    /** One timer on the path, as by hand; the user has turned the one of the attempts off. */
    @Benchmark
    public int meteredWithoutAttempts(Work work, Observed observed) throws Exception {
        return observed.meteredWithoutAttempts.call(work.task);
    }

    @Benchmark
    public int meteredForPrometheus(Work work, Observed observed) throws Exception {
        return observed.meteredForPrometheus.call(work.task);
    }

    @Benchmark
    public int eventsThatNobodyListensTo(Work work, Observed observed) throws Exception {
        return observed.withoutListeners.call(work.task);
    }

    @Benchmark
    public int eventsThatOnlyRetriesAreListenedTo(Work work, Observed observed) throws Exception {
        return observed.withListenerToRetries.call(work.task);
    }

    @Benchmark
    public int eventsThatAreListenedTo(Work work, Observed observed) throws Exception {
        return observed.withListenerToSuccess.call(work.task);
    }
}
