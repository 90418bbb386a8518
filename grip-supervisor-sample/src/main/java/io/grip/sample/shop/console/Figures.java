package io.grip.sample.shop.console;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Reads the supervisors' meters. They are the same meters that {@code /actuator/metrics} shows, summed over all supervisors as
 * it does; orders and times are those of the payments.
 */
@Component
class Figures {

    private static final String EXECUTIONS = "grip.supervisor.executions";
    private static final String PAYMENT = "payment";

    private final MeterRegistry meters;

    Figures(MeterRegistry meters) {
        this.meters = meters;
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%5d orders | %4d retries | %3d rejected | %3d failed (%d declined cards) | p50 %s | p99 %s"
                        + " | %4d delivered",
                count(meters.find(EXECUTIONS).tag("supervisor", PAYMENT).timers()),
                sum("grip.supervisor.retries"),
                sum("grip.supervisor.rejections"),
                count(meters.find(EXECUTIONS).tag("outcome", "failure").timers()),
                count(meters.find(EXECUTIONS).tag("exception", "CardDeclined").timers()),
                percentile(0.5),
                percentile(0.99),
                sum("shop.deliveries"));
    }

    private long sum(String counter) {
        return (long) meters.find(counter).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static long count(Collection<Timer> timers) {
        return timers.stream().mapToLong(Timer::count).sum();
    }

    /** Of the payments that succeeded, over the last minutes; Boot's property says which percentiles are kept. */
    private String percentile(double wanted) {
        Timer timer = meters.find(EXECUTIONS)
                .tag("supervisor", PAYMENT)
                .tag("outcome", "success")
                .timer();
        if (timer != null && timer.count() > 0) {
            for (ValueAtPercentile kept : timer.takeSnapshot().percentileValues()) {
                if (kept.percentile() == wanted) {
                    return String.format(Locale.ROOT, "%4.0f ms", kept.value(TimeUnit.MILLISECONDS));
                }
            }
        }
        return "   - ms";
    }
}
