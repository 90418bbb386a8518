package io.grip.supervisor.spring.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the endpoint answers, as docs/endpoint.md describes it. Durations are seconds; null says that a field does not apply. */
final class Answers {

    private Answers() {}

    /** Everything, in short. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record All(List<Calls> supervisors, List<Child> trees) {}

    /** A supervisor of calls. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Calls(
            String name,
            @Nullable String policyName,
            String state,
            String thread,
            int inFlight,
            int waiting,
            @Nullable Integer limit,
            @JsonUnwrapped Counts counts,
            @Nullable Latency latency,
            @Nullable Budget retryBudget,
            List<LeftThread> abandonedThreads,
            @Nullable List<Failure> lastFailures,
            @Nullable Map<String, PolicyValue> policy) {}

    /** Since the start; all null where nobody counts. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Counts(
            @Nullable Executions executions,
            @Nullable Long attempts,
            @Nullable Long retries,
            @Nullable Long restarts,
            @Nullable Long giveUps,
            @Nullable Long escalations,
            @Nullable Long hookErrors,
            @Nullable Long lateResults) {

        static final Counts UNKNOWN = new Counts(null, null, null, null, null, null, null, null);
    }

    /** How executions have ended. */
    record Executions(long success, long failure, long cancelled, long rejected, long shutdown) {}

    /** Of the last so many executions. */
    record Latency(int sample, double p50, double p99) {}

    /** What is left for retries. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Budget(
            double share,
            int floor,
            int available,
            @Nullable Long refused) {}

    /** A thread that was left behind and lives on. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record LeftThread(String thread, double age, @Nullable List<String> stack) {}

    /** How an attempt has failed. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Failure(
            String at,
            String kind,
            @Nullable String exception,
            @Nullable String message,
            @Nullable Integer attempt,
            String then,
            @Nullable Double delay) {}

    /** A tree, or a child of one. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Child(
            String path,
            String name,
            String kind,
            String state,
            @Nullable String strategy,
            long generation,
            long restarts,
            int consecutiveFailures,
            @Nullable Integer budgetLeft,
            @Nullable Double nextRestartIn,
            @Nullable Double healthyFor,
            boolean recovering,
            @Nullable ChildFailure lastFailure,
            List<LeftThread> abandonedThreads,
            List<Child> children) {}

    /** How a child has failed last. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record ChildFailure(
            String kind,
            @Nullable String exception,
            @Nullable String message) {}

    /** Why a request was refused. */
    record Errors(List<RefusedChangeException.Problem> errors) {}
}
