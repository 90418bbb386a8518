package io.grip.supervisor.spring.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * What the observation of an attempt is called, and which keys it has. A bean of this type takes the place of
 * {@link DefaultAttemptObservationConvention}. Asked at the beginning and again at the end of each attempt, by any
 * thread; keys of low cardinality must be the same both times, whatever their values are.
 */
public interface AttemptObservationConvention extends ObservationConvention<AttemptObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof AttemptObservationContext;
    }
}
