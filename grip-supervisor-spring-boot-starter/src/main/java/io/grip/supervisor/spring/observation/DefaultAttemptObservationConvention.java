package io.grip.supervisor.spring.observation;

import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import io.grip.supervisor.spring.observation.SupervisorObservationDocumentation.AttemptDetails;
import io.grip.supervisor.spring.observation.SupervisorObservationDocumentation.AttemptKeys;
import io.micrometer.common.KeyValues;
import java.util.Locale;

/**
 * The observation {@code grip.supervisor.attempt}, with the tags of the meter {@code grip.supervisor.attempts}.
 * Stateless; to be extended by those who want a key more, or another name.
 */
public class DefaultAttemptObservationConvention implements AttemptObservationConvention {

    /** The one there is to say. */
    public DefaultAttemptObservationConvention() {}

    @Override
    public String getName() {
        return "grip.supervisor.attempt";
    }

    @Override
    public String getContextualName(AttemptObservationContext context) {
        return "attempt " + context.supervisor();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(AttemptObservationContext context) {
        AttemptOutcome outcome = context.outcome();
        return KeyValues.of(
                AttemptKeys.SUPERVISOR.withValue(context.supervisor()),
                AttemptKeys.OUTCOME.withValue(
                        outcome == null ? "unknown" : outcome.name().toLowerCase(Locale.ROOT)));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(AttemptObservationContext context) {
        return KeyValues.of(
                AttemptDetails.EXECUTION_ID.withValue(context.execution().id()),
                AttemptDetails.ATTEMPT.withValue(String.valueOf(context.attempt())));
    }
}
