package io.grip.supervisor.model;

import io.grip.supervisor.model.Script.Act;
import io.grip.supervisor.model.Script.Does;
import io.grip.supervisor.model.Script.Event;
import io.grip.supervisor.model.Script.Plan;
import io.grip.supervisor.model.Script.Step;
import io.grip.supervisor.model.Script.Way;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * What the rules say will happen in a script, written for the reader and from the rules alone: no threads, no races, no
 * care for cost. Of the library it uses nothing but the values of policies and their backoffs.
 */
final class EngineModel {

    private static final long NEVER = Long.MAX_VALUE;

    private enum State {
        NEW,
        QUEUED,
        RUNNING,
        PAUSED,
        BUSY,
        OVER
    }

    /** Why an attempt is interrupted or left, or a wait ended. */
    private enum Reason {
        CANCEL,
        DEADLINE,
        TIMEOUT,
        SHUTDOWN,
        INTERRUPT
    }

    private record Entry(long at, long number, Runnable action) {}

    /** Why something failed: in words, and what was thrown, be it as the cause itself or behind an exception of ours. */
    private record Cause(String text, Does does, boolean itself, long hint) {}

    private static final Cause NOTHING = new Cause("null", null, false, 0);

    private final Script script;
    private final SupervisorPolicy policy;
    private final Way way;
    private final long limit;
    private final PriorityQueue<Entry> agenda =
            new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::number));
    private final List<Run> runs = new ArrayList<>();
    private final List<String> telemetry = new ArrayList<>();
    private long now;
    private long number;
    private long inUse;
    private boolean draining;
    private boolean closed;
    private boolean interrupting;
    /** Whether the closing is over, so that nothing is measured any more. */
    private boolean gone;

    private EngineModel(Script script, Way way) {
        this.script = script;
        this.policy = script.policy();
        this.way = way;
        this.limit = policy.admission().maxConcurrency().orElse(Integer.MAX_VALUE);
    }

    static Transcript play(Script script, Way way) {
        return new EngineModel(script, way).play();
    }

    private Transcript play() {
        for (Plan plan : script.plans()) {
            Run run = new Run(plan, runs.size());
            runs.add(run);
            at(plan.arrival(), run::begin);
        }
        for (Event event : script.events()) {
            at(event.at(), () -> act(event.act(), runs.get(event.plan())));
        }
        at(Script.END, () -> act(Act.DRAIN, runs.get(0)));
        while (!agenda.isEmpty()) {
            Entry next = agenda.poll();
            now = next.at();
            next.action().run();
        }
        return Transcript.of(runs.stream().map(run -> run.story).toList(), telemetry);
    }

    private void at(long time, Runnable action) {
        agenda.add(new Entry(time, number++, action));
    }

    private void act(Act act, Run run) {
        switch (act) {
            case CANCEL -> run.cancelled |= !way.isCall();
            case CANCEL_FUTURE -> run.cancelled |= !run.blocking && run.state != State.NEW;
            case INTERRUPT -> run.flag |= run.blocking && run.state != State.OVER;
            case DRAIN -> draining = true;
            case RESUME -> draining = closed;
            case CLOSE -> close();
            case THROW_EXCEPTION, THROW_ERROR -> meter("hookError");
        }
        runs.forEach(Run::look);
    }

    private void close() {
        if (!closed) {
            closed = true;
            draining = true;
            at(now + script.grace(), () -> {
                interrupting = true;
                runs.forEach(Run::look);
            });
            at(now + script.grace() + Duration.ofSeconds(1).toNanos(), () -> gone = true);
            goIfIdle();
        }
    }

    private void goIfIdle() {
        gone |= closed && runs.stream().allMatch(run -> run.state == State.NEW || run.state == State.OVER);
    }

    private void meter(String call) {
        if (!gone && way != Way.PLAIN_CALL) {
            telemetry.add(call);
        }
    }

    /** The permit goes to the one with the lowest number that waits. */
    private void release() {
        inUse--;
        runs.stream()
                .filter(run -> run.state == State.QUEUED)
                .min(Comparator.comparing(run -> run.arrival))
                .ifPresent(Run::granted);
    }

    /** One execution. */
    private final class Run {

        final Plan plan;
        final int index;
        final boolean blocking;
        final List<String> story = new ArrayList<>();
        final List<String> earlier = new ArrayList<>();
        final List<Long> restartTimes = new ArrayList<>();
        State state = State.NEW;
        Long arrival;
        boolean started;
        boolean cancelled;
        long startedAt;
        long incarnationAt;
        /** When the present wait or attempt began. */
        long since;

        int moves;
        int hooks;
        int calls;
        int attempts;
        int attempt = 1;
        int restarts;
        int sinceHealthy;
        Step step;
        Cause last = NOTHING;
        /** The interrupt flag of a blocking execution's thread. */
        boolean flag;
        /** Why we have set it. */
        Reason interruptedFor;
        /** Whether the interrupt of somebody else was the end. */
        boolean interrupted;

        Run(Plan plan, int index) {
            this.plan = plan;
            this.index = index;
            this.blocking = index == 0 && way != Way.ASYNC;
        }

        // ---- beginning and admission

        void begin() {
            startedAt = now;
            move(State.BUSY);
            if (closed || cancelled) {
                stop(closed ? Reason.SHUTDOWN : Reason.CANCEL);
            } else {
                admit();
            }
        }

        void admit() {
            if (arrival == null) {
                arrival = number++;
            }
            if (inUse < limit && runs.stream().noneMatch(run -> run.state == State.QUEUED)) {
                inUse++;
                admitted();
            } else if (attempts == 0 && policy.admission().maxWait().isZero()) {
                reject(0);
            } else {
                waitAs(State.QUEUED);
                if (attempts == 0) {
                    long patience = policy.admission().maxWait().toNanos();
                    until(now + patience, () -> {
                        waited();
                        reject(patience);
                    });
                }
                until(deadline(), this::look);
                look();
            }
        }

        void granted() {
            inUse++;
            waited();
            at(now, this::admitted);
        }

        void reject(long waited) {
            meter("rejection");
            end("REJECTED", new Cause("Rejected(" + limit + "," + inUse + "," + waited + ")", null, false, 0), false);
        }

        void admitted() {
            if (!started) {
                started = true;
                tell("onStart");
            }
            if (attempt == 1) {
                incarnationAt = now;
            }
            if (cancelled) {
                release();
                stop(Reason.CANCEL);
                return;
            }
            step = plan.step(calls++, blocking);
            waitAs(State.RUNNING);
            if (step.takes() == 0) {
                attemptEnded(step.does(), null);
            } else {
                until(now + step.takes(), () -> attemptEnded(step.does(), null));
                until(nearest(), this::look);
                look();
            }
        }

        // ---- what may end a wait or an attempt before its time

        void look() {
            if (state == State.QUEUED || state == State.PAUSED) {
                Reason reason = whyStop();
                if (reason != null) {
                    waited();
                    stop(reason);
                }
            } else if (state == State.RUNNING && blocking) {
                Reason reason = whyLeave();
                if (reason != null && !flag) {
                    flag = true;
                    interruptedFor = reason;
                }
                if (flag && step.polite()) {
                    attemptEnded(Does.THROW_INTERRUPTED, null);
                }
            } else if (state == State.RUNNING && whyLeave() != null) {
                attemptEnded(null, whyLeave());
            }
        }

        Reason whyStop() {
            if (cancelled) {
                return Reason.CANCEL;
            } else if (now >= deadline()) {
                return Reason.DEADLINE;
            } else if (draining) {
                return Reason.SHUTDOWN;
            }
            return flag ? Reason.INTERRUPT : null;
        }

        Reason whyLeave() {
            if (cancelled) {
                return Reason.CANCEL;
            }
            return passed() == null && interrupting ? Reason.SHUTDOWN : passed();
        }

        /** Which limit has passed: the nearer, and of two at the same moment the deadline. */
        Reason passed() {
            if (now < nearest()) {
                return null;
            }
            return deadline() <= timeout() ? Reason.DEADLINE : Reason.TIMEOUT;
        }

        long deadline() {
            return policy.deadline()
                    .timeout()
                    .map(length -> startedAt + length.toNanos())
                    .orElse(NEVER);
        }

        long timeout() {
            return policy.deadline()
                    .attemptTimeout()
                    .map(length -> since + length.toNanos())
                    .orElse(NEVER);
        }

        long nearest() {
            return Math.min(deadline(), timeout());
        }

        // ---- the end of an attempt

        /**
         * An attempt is over.
         *
         * @param does how its task ended; null if nobody waited for that
         * @param left why nobody did
         */
        void attemptEnded(Does does, Reason left) {
            Reason passed = passed();
            Reason ours = interruptedFor != null ? interruptedFor : left;
            flag &= interruptedFor == null;
            interruptedFor = null;
            Cause thrown = does == null ? NOTHING : thrown(does);
            move(State.BUSY);
            release();
            attempts++;
            if (does == Does.SUCCEED) {
                meter("attempt SUCCESS " + (now - since));
                succeeded();
            } else if (blocking && ours == null && (flag || does == Does.THROW_INTERRUPTED && passed == null)) {
                interrupted = true;
                failed("CONTEXT_CANCELLED", thrown, "CANCELLED");
            } else if (ours != null) {
                failed(kindOf(ours), because(ours, thrown), outcomeOf(ours));
            } else if (passed != null) {
                failed(kindOf(passed), because(passed, thrown), outcomeOf(passed));
            } else if (does == Does.RUNNER_REJECTS) {
                failed("REJECTED", thrown, "FAILURE");
            } else if (does == Does.PANIC || does == Does.RUNNER_THROWS || does == Does.RUNNER_RETURNS_NULL) {
                failed("PANIC", thrown, "FAILURE");
            } else if (does == Does.THROW_CANCELLATION && cancelled) {
                failed("CONTEXT_CANCELLED", thrown, "CANCELLED");
            } else {
                failed("HANDLER_ERROR", thrown, "FAILURE");
            }
        }

        void succeeded() {
            if (policy.restart() == RestartPolicy.ALWAYS && mayRestart() && !draining && fits(restartDelay())) {
                last = NOTHING;
                restart(NOTHING);
            } else {
                end("NONE", new Cause("v" + index + "." + calls, null, false, 0), false);
            }
        }

        void failed(String kind, Cause cause, String outcome) {
            meter("attempt " + outcome + " " + (now - since));
            boolean failure = kind.equals("HANDLER_ERROR") || kind.equals("PANIC");
            boolean retryable = failure
                    && cause.does() != Does.FAIL_FOR_GOOD
                    && !(cause.itself() && cause.does() == Does.THROW_SHUTDOWN);
            boolean attemptsLeft = attempt < policy.retry().maxAttempts().max();
            boolean forbidden = kind.equals("PANIC") && policy.escalation().onPanic();
            boolean restarts = failure && policy.restart() != RestartPolicy.NEVER && mayRestart();
            if (retryable && attemptsLeft && !forbidden) {
                retry(kind, cause);
            } else if (restarts && draining) {
                end("SHUTDOWN", because(Reason.SHUTDOWN, cause), false);
            } else if (restarts && fits(restartDelay())) {
                remember(cause);
                restart(cause);
            } else {
                end(kind, cause, retryable && !attemptsLeft);
            }
        }

        // ---- retry and restart

        void retry(String kind, Cause cause) {
            long delay = Math.max(policy.retry().backoff().delay(attempt).toNanos(), cause.hint());
            boolean tooLong =
                    deadline() == NEVER && cause.hint() > Duration.ofMinutes(1).toNanos();
            if (draining) {
                end("SHUTDOWN", because(Reason.SHUTDOWN, cause), false);
            } else if (tooLong || !fits(delay)) {
                end(kind, cause, true);
            } else {
                remember(cause);
                meter("retry");
                tell("onRetry " + (attempt + 1) + " " + delay + " " + cause.text());
                pause(delay, attempt + 1);
            }
        }

        boolean mayRestart() {
            long period = policy.intensity().period().toNanos();
            if (now - incarnationAt > period) {
                sinceHealthy = 0;
            }
            long within =
                    restartTimes.stream().filter(time -> now - time < period).count();
            return within < policy.intensity().maxRestarts();
        }

        long restartDelay() {
            return policy.backoff().delay(sinceHealthy + 1).toNanos();
        }

        void restart(Cause cause) {
            long delay = restartDelay();
            restarts++;
            sinceHealthy++;
            restartTimes.add(now);
            meter("restart");
            tell("onRestart " + restarts + " " + cause.text());
            pause(delay, 1);
        }

        boolean fits(long delay) {
            return deadline() == NEVER || now + delay < deadline();
        }

        void remember(Cause cause) {
            earlier.add(cause.text());
            last = cause;
        }

        void pause(long delay, int next) {
            waitAs(State.PAUSED);
            until(now + delay, () -> {
                waited();
                attempt = next;
                admit();
            });
            look();
        }

        // ---- the end

        void stop(Reason reason) {
            interrupted = reason == Reason.INTERRUPT;
            end(kindOf(reason), because(reason, last), false);
        }

        void end(String kind, Cause cause, boolean exhausted) {
            EscalationPolicy escalation = policy.escalation();
            boolean up = kind.equals("PANIC") && escalation.onPanic() || exhausted && escalation.onRetryExhausted();
            List<String> eight = earlier.subList(Math.max(0, earlier.size() - 8), earlier.size());
            String result = kind + " " + cause.text() + " attempts=" + attempts + " restarts=" + restarts + " took="
                    + (now - startedAt) + " escalated=" + up + " after=" + eight;
            meter("execution " + kind + " " + (now - startedAt));
            if (kind.equals("NONE")) {
                tell("onSuccess " + result);
            } else {
                tell("onFailure " + result);
            }
            if (kind.equals("HANDLER_ERROR") || kind.equals("PANIC") || kind.equals("REJECTED")) {
                meter("giveUp");
                tell("onGiveUp " + result);
            }
            if (up) {
                meter("escalation");
                tell("onEscalate " + result);
            }
            if (up && !way.isCall()) {
                story.add("parent onEscalate " + result);
            }
            if (up
                    && !way.isCall()
                    && (kind.equals("PANIC") && script.up().onPanic()
                            || script.up().onRetryExhausted())) {
                story.add("grandparent onEscalate " + result);
            }
            over(kind, cause);
        }

        void over(String kind, Cause cause) {
            move(State.OVER);
            goIfIdle();
            if (way.isCall()) {
                boolean already = cause.text().startsWith("Interrupted(") || cause.does() == Does.THROW_INTERRUPTED;
                String thrown = interrupted && !already ? "Interrupted(" + cause.text() + ")" : cause.text();
                story.add(kind.equals("NONE") ? "returned " + cause.text() : "threw " + thrown);
            }
            if (blocking) {
                story.add("flag " + (interrupted ? way == Way.RUN : flag));
            }
        }

        // ---- telling, waiting, words

        void tell(String call) {
            if (way.isCall()) {
                return;
            }
            story.add(call);
            Act act = plan.inHooks().get(hooks++);
            if (act != null) {
                act(act, this);
            }
        }

        void move(State to) {
            state = to;
            moves++;
        }

        void waitAs(State to) {
            move(to);
            since = now;
        }

        void waited() {
            meter((state == State.QUEUED ? "admissionWait " : "backoff ") + (now - since));
            move(State.BUSY);
        }

        /** Does something at a point in time, if what goes on at present still goes on then. */
        void until(long point, Runnable action) {
            int present = moves;
            if (point != NEVER) {
                at(point, () -> {
                    if (moves == present) {
                        action.run();
                    }
                });
            }
        }

        Cause thrown(Does does) {
            boolean nameless = does == Does.RETURN_NULL || does == Does.RUNNER_RETURNS_NULL;
            long hint = does == Does.FAIL_WITH_HINT ? step.hint() : 0;
            return new Cause(nameless ? "IllegalState" : "t" + index + "." + calls, does, true, hint);
        }

        /** An exception of ours, with what was thrown behind it; behind the deadline's at least the last failure. */
        Cause because(Reason reason, Cause thrown) {
            Cause inner = reason == Reason.DEADLINE && thrown == NOTHING ? last : thrown;
            String outer = switch (reason) {
                case CANCEL -> "Cancelled(";
                case SHUTDOWN -> "Shutdown(";
                case INTERRUPT -> "Interrupted(";
                case DEADLINE -> "Deadline(" + (deadline() - startedAt) + "," + (now - startedAt) + ",";
                case TIMEOUT -> "Timeout(" + attempt + "," + (timeout() - since) + ",";
            };
            return new Cause(outer + inner.text() + ")", inner.does(), false, inner.hint());
        }

        static String kindOf(Reason reason) {
            return switch (reason) {
                case CANCEL, DEADLINE, INTERRUPT -> "CONTEXT_CANCELLED";
                case SHUTDOWN -> "SHUTDOWN";
                case TIMEOUT -> "HANDLER_ERROR";
            };
        }

        static String outcomeOf(Reason reason) {
            return reason == Reason.DEADLINE || reason == Reason.TIMEOUT ? "TIMEOUT" : "CANCELLED";
        }
    }
}
