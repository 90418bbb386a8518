package io.grip.sample.shop.gateway;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How badly the gateway behaves. At most one fault strikes a request, so the rates add up to 1 at most.
 *
 * @param latency every request waits between nothing and this long before it is looked at
 * @param retryAfter what a 429 tells the client to wait, in whole seconds
 * @param rates how likely each fault is, from 0 to 1; a fault not named does not happen
 * @param seed makes the order of faults repeatable; without it each run differs
 */
record Faults(
        @DefaultValue("0ms") @DurationMin @DurationMax(minutes = 1)
        Duration latency,

        @DefaultValue("1s") @DurationMin @DurationMax(minutes = 1)
        Duration retryAfter,

        @DefaultValue Map<Fault, @NotNull @DecimalMin("0") @DecimalMax("1") Double> rates,
        @Nullable Long seed) {

    Faults {
        Map<Fault, Double> copy = new EnumMap<>(Fault.class);
        copy.putAll(rates);
        rates = Collections.unmodifiableMap(copy);
    }

    @AssertTrue(message = "must be 1 at most")
    boolean isSumOfRates() {
        return rates.values().stream()
                        .filter(Objects::nonNull)
                        .mapToDouble(Double::doubleValue)
                        .sum()
                <= 1;
    }

    /** The fault that a number drawn evenly from [0, 1) stands for, or null for none. */
    @Nullable
    Fault struckBy(double drawn) {
        double passed = 0;
        for (Fault fault : Fault.values()) {
            passed += rates.getOrDefault(fault, 0.0);
            if (drawn < passed) {
                return fault;
            }
        }
        return null;
    }
}
