package io.grip.supervisor.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SupervisorMetersTests {

    @Test
    void theMetersOfALimitAndOfABudgetComeAndGoWithThePolicy() {
        Supervisor supervisor = Supervisor.builder("payment")
                .policy(SupervisorPolicy.none())
                .telemetry(readings -> new SupervisorMeters("payment", registry, readings))
                .build();
        assertThat(registry.find("grip.supervisor.admission.limit").gauge()).isNull();
        assertThat(registry.find("grip.supervisor.retry.budget.refused").counter())
                .isNull();

        supervisor.update(SupervisorPolicy.none().withAdmission(AdmissionPolicy.of(4)));
        assertThat(registry.get("grip.supervisor.admission.limit").gauge().value())
                .isEqualTo(4);

        supervisor.update(SupervisorPolicy.none()
                .withAdmission(AdmissionPolicy.of(7))
                .withRetry(RetryPolicy.of(3).withBackoff(BackoffPolicy.none()))
                .withRetryBudget(RetryBudget.of(0).withFloor(1)));
        supervisor.run(context -> {
            throw new IOException("down");
        });
        assertThat(registry.get("grip.supervisor.admission.limit").gauge().value())
                .isEqualTo(7);
        assertThat(registry.get("grip.supervisor.retry.budget.available")
                        .gauge()
                        .value())
                .isZero();
        assertThat(registry.get("grip.supervisor.retry.budget.refused")
                        .counter()
                        .count())
                .isOne();

        supervisor.update(SupervisorPolicy.none());
        assertThat(seriesOf(registry))
                .noneMatch(series -> series.contains("admission.limit")
                        || series.contains("admission.waiting")
                        || series.contains("retry.budget"));
        assertThat(registry.get("grip.supervisor.policy.changes").counter().count())
                .isEqualTo(3);

        supervisor.close();
        supervisor.update(SupervisorPolicy.none().withAdmission(AdmissionPolicy.of(4)));
        assertThat(registry.getMeters()).isEmpty();
    }

    private static final long SMALLEST_OBJECT = 16;
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final MeterRegistry registry = new SimpleMeterRegistry();

    private final Numbers numbers = new Numbers(3, 2, 1, OptionalInt.of(8), OptionalInt.empty());

    @Test
    void everyMeterIsThereAtZeroBeforeTheFirstExecution() {
        open("payment", registry);

        assertThat(seriesOf(registry))
                .containsExactlyInAnyOrder(
                        "grip.supervisor.executions[exception=none,failure=none,outcome=success,supervisor=payment]",
                        "grip.supervisor.executions[exception=none,failure=handler_error,outcome=failure,supervisor=payment]",
                        "grip.supervisor.executions[exception=none,failure=panic,outcome=failure,supervisor=payment]",
                        "grip.supervisor.executions[exception=none,failure=context_cancelled,outcome=cancelled,supervisor=payment]",
                        "grip.supervisor.executions[exception=none,failure=shutdown,outcome=shutdown,supervisor=payment]",
                        "grip.supervisor.executions[exception=none,failure=rejected,outcome=rejected,supervisor=payment]",
                        "grip.supervisor.attempts[outcome=success,supervisor=payment]",
                        "grip.supervisor.attempts[outcome=failure,supervisor=payment]",
                        "grip.supervisor.attempts[outcome=timeout,supervisor=payment]",
                        "grip.supervisor.attempts[outcome=cancelled,supervisor=payment]",
                        "grip.supervisor.retries[supervisor=payment]",
                        "grip.supervisor.backoff[supervisor=payment]",
                        "grip.supervisor.admission.wait[supervisor=payment]",
                        "grip.supervisor.restarts[supervisor=payment]",
                        "grip.supervisor.giveups[supervisor=payment]",
                        "grip.supervisor.escalations[supervisor=payment]",
                        "grip.supervisor.rejections[supervisor=payment]",
                        "grip.supervisor.hook.errors[supervisor=payment]",
                        "grip.supervisor.late.results[supervisor=payment]",
                        "grip.supervisor.policy.changes[supervisor=payment]",
                        "grip.supervisor.in.flight[supervisor=payment]",
                        "grip.supervisor.threads.abandoned[supervisor=payment]",
                        "grip.supervisor.admission.limit[supervisor=payment]",
                        "grip.supervisor.admission.waiting[supervisor=payment]");
        assertThat(registry.getMeters())
                .filteredOn(meter -> meter.getId().getType() != Meter.Type.GAUGE)
                .allSatisfy(meter -> assertThat(meter.measure())
                        .allSatisfy(measurement ->
                                assertThat(measurement.getValue()).isZero()));
    }

    @Test
    void everyMeterSaysWhatItIs() {
        open("payment", registry);

        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
    }

    @ParameterizedTest
    @CsvSource({
        "HANDLER_ERROR, failure, handler_error",
        "PANIC, failure, panic",
        "CONTEXT_CANCELLED, cancelled, context_cancelled",
        "SHUTDOWN, shutdown, shutdown",
        "REJECTED, rejected, rejected"
    })
    void aFailureIsTimedUnderItsOutcomeItsKindAndItsException(FailureKind kind, String outcome, String failure) {
        Telemetry meters = open("payment", registry);

        meters.execution(kind, new IOException("reset"), NANOS);

        assertTimed(execution(outcome, failure, "IOException"), 1, NANOS);
        assertTimed(execution(outcome, failure, "none"), 0, 0);
        assertTimed(execution("success", "none", "none"), 0, 0);
    }

    @Test
    void aSuccessIsTimedByTheNanosecondsItIsGiven() {
        Telemetry meters = open("payment", registry);

        meters.execution(FailureKind.NONE, null, NANOS);
        meters.execution(FailureKind.NONE, null, 1);

        assertTimed(execution("success", "none", "none"), 2, NANOS + 1);
    }

    @Test
    void everyAttemptIsTimedUnderItsOutcome() {
        Telemetry meters = open("payment", registry);

        for (AttemptOutcome outcome : AttemptOutcome.values()) {
            for (int attempt = 0; attempt <= outcome.ordinal(); attempt++) {
                meters.attempt(outcome, NANOS);
            }
        }

        assertThat(List.of("success", "failure", "timeout", "cancelled"))
                .map(outcome -> one("grip.supervisor.attempts")
                        .tag("outcome", outcome)
                        .timer()
                        .count())
                .containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void eachOfTheOtherNumbersGoesToItsOwnMeter() {
        Telemetry meters = open("payment", registry);

        meters.backoff(NANOS);
        meters.admissionWait(2 * NANOS);
        repeat(1, meters::retry);
        repeat(2, meters::restart);
        repeat(3, meters::giveUp);
        repeat(4, meters::escalation);
        repeat(5, meters::rejection);
        repeat(6, meters::hookError);
        repeat(7, meters::lateResult);

        assertTimed(one("grip.supervisor.backoff").timer(), 1, NANOS);
        assertTimed(one("grip.supervisor.admission.wait").timer(), 1, 2 * NANOS);
        assertThat(List.of(
                        "retries", "restarts", "giveups", "escalations", "rejections", "hook.errors", "late.results"))
                .map(name -> one("grip.supervisor." + name).counter().count())
                .containsExactly(1d, 2d, 3d, 4d, 5d, 6d, 7d);
    }

    @Test
    void gaugesReadWhatTheSupervisorSays() {
        open("payment", registry);

        assertThat(List.of("in.flight", "admission.waiting", "threads.abandoned", "admission.limit"))
                .map(name -> one("grip.supervisor." + name).gauge().value())
                .containsExactly(3d, 2d, 1d, 8d);
    }

    @Test
    void withoutALimitThereAreNoMetersOfAdmissionButItsWait() {
        new SupervisorMeters("payment", registry, new Numbers(0, 0, 0, OptionalInt.empty(), OptionalInt.empty()));

        assertThat(namesOf(registry))
                .contains("grip.supervisor.admission.wait", "grip.supervisor.in.flight")
                .doesNotContain("grip.supervisor.admission.limit", "grip.supervisor.admission.waiting");
    }

    @Test
    void anAnonymousExceptionCountsAsItsNearestNamedSuperclass() {
        Telemetry meters = open("payment", registry);
        IOException anonymous = new FileNotFoundException() {};
        class Local extends RuntimeException {}

        meters.execution(FailureKind.HANDLER_ERROR, anonymous, NANOS);
        meters.execution(FailureKind.HANDLER_ERROR, new Local() {}, NANOS);

        assertTimed(execution("failure", "handler_error", "FileNotFoundException"), 1, NANOS);
        assertTimed(execution("failure", "handler_error", "Local"), 1, NANOS);
    }

    @Test
    void afterTwentyNamesOfExceptionsAnyNewOneIsOther() throws Exception {
        Telemetry meters = open("payment", registry);
        List<Throwable> exceptions = manyTypesOfExceptions();

        exceptions.subList(0, 20).forEach(each -> meters.execution(FailureKind.HANDLER_ERROR, each, NANOS));
        exceptions.subList(20, 23).forEach(each -> meters.execution(FailureKind.HANDLER_ERROR, each, NANOS));
        meters.execution(FailureKind.PANIC, exceptions.get(0), NANOS);
        meters.execution(FailureKind.PANIC, exceptions.get(21), NANOS);

        assertThat(exceptionsOf("handler_error")).hasSize(22).contains("none", "other", nameOf(exceptions.get(19)));
        assertThat(exceptionsOf("panic")).containsExactlyInAnyOrder("none", "other", nameOf(exceptions.get(0)));
        assertTimed(execution("failure", "handler_error", "other"), 3, 3 * NANOS);
        assertTimed(execution("failure", "handler_error", nameOf(exceptions.get(5))), 1, NANOS);
    }

    @Test
    void eachSupervisorHasTwentyNamesOfItsOwn() {
        Telemetry payment = open("payment", registry);
        Telemetry stock = open("stock", registry);
        List<Throwable> exceptions = manyTypesOfExceptions();

        exceptions.forEach(each -> payment.execution(FailureKind.HANDLER_ERROR, each, NANOS));
        stock.execution(FailureKind.HANDLER_ERROR, exceptions.get(22), NANOS);

        assertThat(registry.find("grip.supervisor.executions")
                        .tags("supervisor", "stock", "exception", nameOf(exceptions.get(22)))
                        .timer())
                .isNotNull();
    }

    @Test
    void neverMoreThanTwentyNamesWhenThreadsRaceForTheLastPlace() throws Exception {
        Telemetry meters = open("payment", registry);
        List<Throwable> exceptions = manyTypesOfExceptions();
        ExecutorService threads = Executors.newFixedThreadPool(exceptions.size());
        CountDownLatch start = new CountDownLatch(1);

        exceptions.forEach(each -> threads.execute(() -> {
            awaitQuietly(start);
            meters.execution(FailureKind.HANDLER_ERROR, each, NANOS);
        }));
        start.countDown();
        threads.shutdown();

        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(exceptionsOf("handler_error")).hasSize(22).contains("none", "other");
        assertThat(registry.find("grip.supervisor.executions").timers().stream()
                        .mapToLong(Timer::count)
                        .sum())
                .isEqualTo(exceptions.size());
    }

    @Test
    void closingRemovesTheMetersOfTheSupervisorAndNoOthers() {
        Telemetry payment = open("payment", registry);
        open("stock", registry);
        payment.execution(FailureKind.HANDLER_ERROR, new IOException(), NANOS);
        Set<String> ofStock = seriesOf(registry).stream()
                .filter(series -> series.contains("supervisor=stock"))
                .collect(Collectors.toSet());

        payment.closed();

        assertThat(seriesOf(registry)).isEqualTo(ofStock).isNotEmpty();
    }

    @Test
    void whatIsRecordedAfterTheCloseBringsNoMeterBack() {
        Telemetry payment = open("payment", registry);
        payment.closed();

        payment.execution(FailureKind.SHUTDOWN, new IllegalStateException(), NANOS);
        payment.execution(FailureKind.NONE, null, NANOS);
        payment.lateResult();

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void aSupervisorOfTheSameNameInAParentContextKeepsItsMeters() {
        Telemetry parent = open("payment", registry);
        Telemetry child = open("payment", registry);
        child.execution(FailureKind.NONE, null, NANOS);

        child.closed();
        parent.execution(FailureKind.NONE, null, NANOS);

        assertTimed(execution("success", "none", "none"), 2, 2 * NANOS);
        assertThat(one("grip.supervisor.in.flight").gauge().value()).isEqualTo(3);
    }

    @Test
    void aFilterMayDenyMeters() {
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("grip.supervisor.attempts"))
                .meterFilter(MeterFilter.deny(id -> "IOException".equals(id.getTag("exception"))));
        Telemetry meters = open("payment", registry);

        meters.attempt(AttemptOutcome.FAILURE, NANOS);
        meters.execution(FailureKind.HANDLER_ERROR, new IOException(), NANOS);
        meters.retry();

        assertThat(namesOf(registry)).contains("grip.supervisor.executions").doesNotContain("grip.supervisor.attempts");
        assertThat(exceptionsOf("handler_error")).containsExactly("none");
        assertThat(one("grip.supervisor.retries").counter().count()).isEqualTo(1);
        meters.closed();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void metersThatAFilterRenamesAreRemovedToo() {
        registry.config().commonTags("application", "shop").meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.withName("our." + id.getName());
            }
        });
        Telemetry meters = open("payment", registry);
        assertThat(namesOf(registry)).contains("our.grip.supervisor.executions");

        meters.closed();

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void countsOnEveryRegistryOfAComposite() {
        MeterRegistry other = new SimpleMeterRegistry();
        CompositeMeterRegistry composite =
                new CompositeMeterRegistry().add(registry).add(other);
        Telemetry meters = open("payment", composite);

        meters.retry();
        meters.execution(FailureKind.NONE, null, NANOS);

        assertThat(List.of(registry, other)).allSatisfy(each -> {
            assertThat(each.get("grip.supervisor.retries").counter().count()).isEqualTo(1);
            assertThat(each.get("grip.supervisor.executions")
                            .tag("outcome", "success")
                            .timer()
                            .count())
                    .isEqualTo(1);
        });
        meters.closed();
        assertThat(registry.getMeters()).isEmpty();
        assertThat(other.getMeters()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("registries")
    void recordingAllocatesNothing(MeterRegistry registry) {
        Telemetry meters = open("payment", registry);
        IOException failure = new IOException();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 10_000;
        repeat(calls, () -> recordOneOfEach(meters, failure));

        long before = threads.getCurrentThreadAllocatedBytes();
        repeat(calls, () -> recordOneOfEach(meters, failure));
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(SMALLEST_OBJECT * calls);
    }

    private static Stream<MeterRegistry> registries() {
        return Stream.of(new SimpleMeterRegistry(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    private static void recordOneOfEach(Telemetry meters, Throwable failure) {
        meters.attempt(AttemptOutcome.SUCCESS, NANOS);
        meters.execution(FailureKind.NONE, null, NANOS);
        meters.execution(FailureKind.HANDLER_ERROR, failure, NANOS);
        meters.retry();
        meters.backoff(NANOS);
    }

    private Telemetry open(String name, MeterRegistry where) {
        return new SupervisorMeters(name, where, numbers);
    }

    private RequiredSearch one(String name) {
        return registry.get(name).tag("supervisor", "payment");
    }

    private Timer execution(String outcome, String failure, String exception) {
        return one("grip.supervisor.executions")
                .tags("outcome", outcome, "failure", failure, "exception", exception)
                .timer();
    }

    private Set<String> exceptionsOf(String failure) {
        return registry
                .find("grip.supervisor.executions")
                .tags("supervisor", "payment", "failure", failure)
                .timers()
                .stream()
                .map(timer -> timer.getId().getTag("exception"))
                .collect(Collectors.toSet());
    }

    private static void assertTimed(Timer timer, long count, long nanos) {
        assertThat(timer.count()).isEqualTo(count);
        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(nanos);
    }

    private static Set<String> namesOf(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toSet());
    }

    private static Set<String> seriesOf(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName()
                        + meter.getId().getTags().stream()
                                .map(tag -> tag.getKey() + "=" + tag.getValue())
                                .sorted()
                                .collect(Collectors.joining(",", "[", "]")))
                .collect(Collectors.toSet());
    }

    private static String nameOf(Throwable exception) {
        return exception.getClass().getSimpleName();
    }

    /** Of 23 types with names of their own. */
    private static List<Throwable> manyTypesOfExceptions() {
        return List.of(
                new ArithmeticException(),
                new ArrayIndexOutOfBoundsException(),
                new ArrayStoreException(),
                new ClassCastException(),
                new ClassNotFoundException(),
                new CloneNotSupportedException(),
                new IllegalArgumentException(),
                new IllegalMonitorStateException(),
                new IllegalStateException(),
                new IndexOutOfBoundsException(),
                new InstantiationException(),
                new InterruptedException(),
                new NegativeArraySizeException(),
                new NoSuchFieldException(),
                new NoSuchMethodException(),
                new NullPointerException(),
                new NumberFormatException(),
                new SecurityException(),
                new StringIndexOutOfBoundsException(),
                new UnsupportedOperationException(),
                new IOException(),
                new FileNotFoundException(),
                new java.io.EOFException());
    }

    private static void repeat(int times, Runnable action) {
        IntStream.range(0, times).forEach(time -> action.run());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private record Numbers(
            int inFlight, int waiting, int abandonedThreads, OptionalInt admissionLimit, OptionalInt retriesLeft)
            implements Telemetry.Readings {}
}
