package io.grip.supervisor.model;

import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What happens to one supervisor: its policy, what its executions do, and what comes from outside. A pure function of
 * its seed, and printed whole when the engine and the model disagree about it. All times are in nanoseconds.
 *
 * <p>A script for one execution keeps to whole units, so that limits, ends and delays often fall on the same moment; what
 * comes from outside comes between units. Where several executions meet, a bit of chance in each time keeps apart what
 * has no order of its own.
 *
 * @param up which escalations go on from the parent to its parent
 * @param plans the executions; the first one is played in each {@link Way}, the others are asynchronous
 */
record Script(
        long seed,
        SupervisorPolicy policy,
        EscalationPolicy up,
        long grace,
        boolean customRunner,
        List<Plan> plans,
        List<Event> events) {

    static final long UNIT = 20_000_000;
    /** When the supervisor is drained at last, so that whatever goes on comes to its end. */
    static final long END = 120 * UNIT + UNIT / 3;

    /** How the first execution is asked for. */
    enum Way {
        RUN,
        /** Without hooks, so that the engine takes its quick way for executions that succeed at once. */
        CALL,
        /** And without telemetry, so that it takes its quick way wherever it can, retries and their waits included. */
        PLAIN_CALL,
        ASYNC;

        /** Whether the outcome is returned or thrown, and nobody hears of it otherwise. */
        boolean isCall() {
            return this == CALL || this == PLAIN_CALL;
        }

        /** Hooks are the supervisor's, so the ways without them are for one execution alone. */
        boolean canPlay(Script script) {
            return !isCall() || script.plans.size() == 1;
        }
    }

    /** What an attempt does in the end. */
    enum Does {
        SUCCEED,
        FAIL,
        FAIL_FOR_GOOD,
        FAIL_WITH_HINT,
        PANIC,
        THROW_CANCELLATION,
        THROW_INTERRUPTED,
        THROW_SHUTDOWN,
        RETURN_NULL,
        RUNNER_THROWS,
        RUNNER_RETURNS_NULL,
        RUNNER_REJECTS
    }

    /** What is done to an execution or to its supervisor, from outside or from inside of a hook. */
    enum Act {
        THROW_EXCEPTION,
        THROW_ERROR,
        CANCEL,
        CANCEL_FUTURE,
        INTERRUPT,
        DRAIN,
        RESUME,
        CLOSE
    }

    /**
     * One attempt.
     *
     * @param polite whether it ends as soon as its thread is interrupted, with an {@code InterruptedException}
     * @param atOnce whether an asynchronous task throws instead of returning a stage that fails
     */
    record Step(Does does, long takes, boolean polite, boolean atOnce, long hint) {}

    /** One execution: its attempts, over and over, and what its hooks do, by the number of the call. */
    record Plan(long arrival, List<Step> steps, Map<Integer, Act> inHooks) {

        Stream<Plan> smaller() {
            Stream<Plan> fewerSteps = IntStream.range(1, steps.size())
                    .mapToObj(last -> new Plan(arrival, steps.subList(0, last), inHooks));
            Stream<Plan> fewerActs = inHooks.keySet().stream().map(hook -> {
                Map<Integer, Act> fewer = new TreeMap<>(inHooks);
                fewer.remove(hook);
                return new Plan(arrival, steps, fewer);
            });
            return Stream.concat(fewerSteps, fewerActs);
        }

        Step step(int call, boolean blocking) {
            Step step = steps.get(call % steps.size());
            boolean runner = step.does.compareTo(Does.RUNNER_THROWS) >= 0;
            if (blocking) {
                Does does = step.does == Does.RETURN_NULL ? Does.FAIL : step.does;
                return new Step(does, step.takes, step.polite, false, step.hint);
            }
            boolean stageless = runner || step.does == Does.RETURN_NULL || step.atOnce;
            return new Step(step.does, stageless ? 0 : step.takes, false, stageless, step.hint);
        }
    }

    /** Something from outside, done to the supervisor or to one of its executions. */
    record Event(long at, Act act, int plan) {}

    static Script of(long seed) {
        return new Writer(new SplittableRandom(seed)).write(seed);
    }

    /** This script without one of its parts, for each of them. */
    Stream<Script> smaller() {
        Stream<Script> fewerPlans = IntStream.range(1, plans.size())
                .mapToObj(last -> with(
                        plans.subList(0, last),
                        events.stream().filter(event -> event.plan < last).toList()));
        Stream<Script> fewerEvents = events.stream()
                .map(event -> with(
                        plans, events.stream().filter(other -> other != event).toList()));
        Stream<Script> smallerPlans = IntStream.range(0, plans.size())
                .boxed()
                .flatMap(index -> plans.get(index).smaller().map(plan -> {
                    List<Plan> changed = new ArrayList<>(plans);
                    changed.set(index, plan);
                    return with(changed, events);
                }));
        return Stream.of(fewerPlans, fewerEvents, smallerPlans).flatMap(all -> all);
    }

    private Script with(List<Plan> plans, List<Event> events) {
        return new Script(seed, policy, up, grace, customRunner, plans, events);
    }

    private record Writer(SplittableRandom random) {

        Script write(long seed) {
            boolean crowd = random.nextInt(3) == 0;
            int size = crowd ? 2 + random.nextInt(5) : 1;
            boolean customRunner = !crowd && random.nextInt(4) == 0;
            List<Plan> plans = new ArrayList<>();
            for (int plan = 0; plan < size; plan++) {
                plans.add(plan(crowd, customRunner));
            }
            List<Event> events = new ArrayList<>();
            for (int left = few(4); left > 0; left--) {
                long at = random.nextInt(60) * UNIT + (crowd ? random.nextLong(1, UNIT) : UNIT / 2 + events.size());
                events.add(new Event(at, pick(eventsOf(crowd)), random.nextInt(size)));
            }
            long grace = random.nextInt(20) * UNIT + (crowd ? random.nextLong(1, UNIT) : UNIT / 4);
            return new Script(
                    seed,
                    policy(crowd),
                    EscalationPolicy.of(random.nextBoolean(), random.nextBoolean()),
                    grace,
                    customRunner,
                    plans,
                    events);
        }

        private static List<Act> eventsOf(boolean crowd) {
            return crowd
                    ? List.of(
                            Act.CANCEL,
                            Act.CANCEL,
                            Act.CANCEL_FUTURE,
                            Act.CANCEL_FUTURE,
                            Act.INTERRUPT,
                            Act.DRAIN,
                            Act.RESUME,
                            Act.CLOSE)
                    : List.of(
                            Act.CANCEL,
                            Act.CANCEL_FUTURE,
                            Act.INTERRUPT,
                            Act.INTERRUPT,
                            Act.DRAIN,
                            Act.RESUME,
                            Act.CLOSE);
        }

        private Plan plan(boolean crowd, boolean customRunner) {
            List<Step> steps = new ArrayList<>();
            for (int left = 1 + random.nextInt(6); left > 0; left--) {
                int kinds = customRunner ? Does.values().length : Does.RUNNER_THROWS.ordinal();
                Does does = random.nextInt(3) == 0 ? Does.FAIL : Does.values()[random.nextInt(kinds)];
                long hint = does == Does.FAIL_WITH_HINT ? hint() : 0;
                boolean atOnce =
                        !crowd && does != Does.SUCCEED && does != Does.THROW_INTERRUPTED && random.nextBoolean();
                steps.add(new Step(does, span(20, crowd), random.nextBoolean(), atOnce, hint));
            }
            Map<Integer, Act> inHooks = new TreeMap<>();
            for (int left = few(3); left > 0; left--) {
                Act act = pick(
                        crowd
                                ? List.of(Act.THROW_EXCEPTION, Act.THROW_ERROR, Act.CANCEL)
                                : List.of(
                                        Act.THROW_EXCEPTION,
                                        Act.THROW_ERROR,
                                        Act.CANCEL,
                                        Act.INTERRUPT,
                                        Act.DRAIN,
                                        Act.RESUME,
                                        Act.CLOSE));
                inHooks.put(random.nextInt(8), act);
            }
            return new Plan(span(12, crowd), steps, inHooks);
        }

        private long hint() {
            return random.nextInt(8) == 0
                    ? Duration.ofSeconds(59 + random.nextInt(3)).toNanos()
                    : random.nextInt(30) * UNIT;
        }

        private SupervisorPolicy policy(boolean crowd) {
            RetryPolicy retry = RetryPolicy.of(1 + random.nextInt(4))
                    .withBackoff(backoff(crowd))
                    .withJitter(0)
                    .withNeverOn(Performance.ForGood.class);
            SupervisorPolicy policy = SupervisorPolicy.none()
                    .withRetry(retry)
                    .withBackoff(backoff(crowd))
                    .withDeadline(deadline(crowd))
                    .withEscalation(EscalationPolicy.of(random.nextBoolean(), random.nextBoolean()))
                    .withIntensity(
                            RestartIntensity.of(random.nextInt(4), Duration.ofNanos(UNIT * (1 + random.nextInt(40)))))
                    .withRestart(pick(List.of(RestartPolicy.NEVER, RestartPolicy.ON_FAILURE, RestartPolicy.ALWAYS)));
            if (crowd || random.nextBoolean()) {
                AdmissionPolicy admission = AdmissionPolicy.of(1 + random.nextInt(2));
                policy = policy.withAdmission(
                        random.nextInt(3) == 0 ? admission : admission.withMaxWait(Duration.ofNanos(span(30, crowd))));
            }
            return policy;
        }

        private DeadlinePolicy deadline(boolean crowd) {
            DeadlinePolicy deadline =
                    random.nextInt(2) == 0 ? DeadlinePolicy.none() : DeadlinePolicy.of(positive(60, crowd));
            // In a crowd, timeouts and delays of one length for all would make executions meet at the same moment.
            return crowd || random.nextInt(2) == 0 ? deadline : deadline.withAttemptTimeout(positive(20, crowd));
        }

        private BackoffPolicy backoff(boolean crowd) {
            Duration step = Duration.ofNanos(span(10, crowd));
            return random.nextBoolean()
                    ? BackoffPolicy.fixed(step)
                    : BackoffPolicy.linear(step, step.multipliedBy(1 + random.nextInt(4)));
        }

        private Duration positive(int units, boolean crowd) {
            return Duration.ofNanos(UNIT + span(units, crowd));
        }

        /** Some units, often none. */
        private long span(int units, boolean crowd) {
            long span = random.nextInt(4) == 0 ? 0 : random.nextInt(units) * UNIT;
            return crowd ? span + random.nextLong(1, UNIT) : span;
        }

        private int few(int most) {
            return Math.max(0, random.nextInt(2 * most) - most + 1);
        }

        private <T> T pick(List<T> all) {
            return all.get(random.nextInt(all.size()));
        }
    }
}
