package io.grip.supervisor.spring.observation;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.spring.observation.SupervisorObservationDocumentation.ExecutionDetails;
import io.grip.supervisor.spring.observation.SupervisorObservationDocumentation.ExecutionKeys;
import io.micrometer.common.KeyValues;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The observation {@code grip.supervisor.execution}, with the tags of the meter {@code grip.supervisor.executions}.
 * Stateless; to be extended by those who want a key more, or another name.
 */
public class DefaultSupervisorObservationConvention implements SupervisorObservationConvention {

    /** The one there is to say. */
    public DefaultSupervisorObservationConvention() {}

    @Override
    public String getName() {
        return "grip.supervisor.execution";
    }

    @Override
    public String getContextualName(SupervisorObservationContext context) {
        return "supervise " + context.supervisor();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(SupervisorObservationContext context) {
        return KeyValues.of(
                ExecutionKeys.SUPERVISOR.withValue(context.supervisor()),
                ExecutionKeys.OUTCOME.withValue(outcome(context.result())),
                ExecutionKeys.FAILURE.withValue(context.failure().name().toLowerCase(Locale.ROOT)),
                ExecutionKeys.EXCEPTION.withValue(context.exceptionName()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(SupervisorObservationContext context) {
        KeyValues id = KeyValues.of(
                ExecutionDetails.EXECUTION_ID.withValue(context.execution().id()));
        Result<?> result = context.result();
        return result == null
                ? id
                : id.and(
                        ExecutionDetails.ATTEMPTS.withValue(String.valueOf(result.attempts())),
                        ExecutionDetails.RESTARTS.withValue(String.valueOf(result.restarts())));
    }

    private static String outcome(@Nullable Result<?> result) {
        return result == null ? "unknown" : outcome(result.failure());
    }

    private static String outcome(FailureKind kind) {
        return switch (kind) {
            case NONE -> "success";
            case HANDLER_ERROR, PANIC -> "failure";
            case CONTEXT_CANCELLED -> "cancelled";
            case SHUTDOWN -> "shutdown";
            case REJECTED -> "rejected";
        };
    }
}
