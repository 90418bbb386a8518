package io.grip.supervisor.spring.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One leaf of a policy in force.
 *
 * @param value in the words of the configuration
 * @param origin where it comes from: the place where it was written, {@code default}, {@code customizer}, {@code live change}
 *     or {@code code}
 * @param at when it was changed, if it was a live change
 * @param by who changed it, if that is known
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record PolicyValue(
        String value,
        String origin,
        @Nullable String at,
        @Nullable String by) {}
