package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AbandonedThread;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.spring.endpoint.ObservedCalls.Observed;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows a supervisor of calls as it is at this moment. Safe for use by any thread. */
final class CallsView {

    private static final double NANOS_PER_SECOND = 1e9;

    private final PolicyDesk policies;
    private final ObservedCalls calls;

    CallsView(PolicyDesk policies, ObservedCalls calls) {
        this.policies = policies;
        this.calls = calls;
    }

    /** Without its policy and its failures. */
    Answers.Calls summary(Supervisor supervisor, boolean stacks) {
        return show(supervisor, stacks, false);
    }

    Answers.Calls whole(Supervisor supervisor, boolean stacks) {
        return show(supervisor, stacks, true);
    }

    private Answers.Calls show(Supervisor supervisor, boolean stacks, boolean whole) {
        String policyName = policies.policyNameOf(supervisor).orElse(null);
        Observed observed = policyName == null ? null : calls.find(supervisor.name());
        Integer limit = supervisor.policy().admission().maxConcurrency().stream()
                .boxed()
                .findFirst()
                .orElse(null);
        return new Answers.Calls(
                supervisor.name(),
                policyName,
                supervisor.state().name(),
                threadOf(supervisor.runner()),
                supervisor.inFlight(),
                supervisor.waiting(),
                limit,
                observed == null ? Answers.Counts.UNKNOWN : observed.numbers().counts(),
                observed == null ? null : observed.numbers().latency(),
                budgetOf(supervisor, observed),
                supervisor.abandonedThreads().stream()
                        .map(thread -> left(thread, stacks))
                        .toList(),
                whole ? failuresOf(observed) : null,
                whole ? policies.valuesOf(supervisor) : null);
    }

    private static List<Answers.Failure> failuresOf(@Nullable Observed observed) {
        return observed == null ? List.of() : observed.failures().list();
    }

    private static String threadOf(ExecutorRunner runner) {
        if (runner == ExecutorRunner.ownThread()) {
            return "own";
        }
        return runner == ExecutorRunner.callerThread() ? "caller" : "custom";
    }

    private static Answers.@Nullable Budget budgetOf(Supervisor supervisor, @Nullable Observed observed) {
        RetryBudget budget = supervisor.policy().retryBudget();
        return budget.share().isEmpty()
                ? null
                : new Answers.Budget(
                        budget.share().getAsDouble(),
                        budget.floor(),
                        supervisor.retriesLeft().orElse(0),
                        observed == null ? null : observed.numbers().retriesRefused());
    }

    private static Answers.LeftThread left(AbandonedThread thread, boolean stacks) {
        return new Answers.LeftThread(thread.thread(), seconds(thread.age()), stacks ? lines(thread.stack()) : null);
    }

    static List<String> lines(List<StackTraceElement> stack) {
        return stack.stream().map(StackTraceElement::toString).toList();
    }

    static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / NANOS_PER_SECOND;
    }
}
