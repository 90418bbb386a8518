package io.grip.sample.shop.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FiguresTests {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Figures figures = new Figures(meters);

    @Test
    void sumsUpTheSupervisorsAndTimesThePayments() {
        for (int i = 0; i < 98; i++) {
            execution("payment", "success", "none").record(Duration.ofMillis(40));
        }
        execution("payment", "failure", "CardDeclined").record(Duration.ofMillis(10));
        execution("payment", "rejected", "AdmissionRejectedException").record(Duration.ZERO);
        execution("stock", "failure", "DeadlineExceededException").record(Duration.ofSeconds(1));
        execution("stock", "success", "none").record(Duration.ofSeconds(9));
        meters.counter("grip.supervisor.retries", "supervisor", "payment").increment(7);
        meters.counter("grip.supervisor.retries", "supervisor", "settlement").increment(2);
        meters.counter("shop.deliveries").increment(97);
        meters.counter("grip.supervisor.rejections", "supervisor", "payment").increment();

        assertThat(figures.line())
                .isEqualTo("  100 orders |    9 retries |   1 rejected |   2 failed (1 declined cards)"
                        + " | p50   40 ms | p99   40 ms |   97 delivered");
    }

    @Test
    void isAllZeroBeforeTheFirstOrder() {
        execution("payment", "success", "none");

        assertThat(figures.line())
                .isEqualTo("    0 orders |    0 retries |   0 rejected |   0 failed (0 declined cards)"
                        + " | p50    - ms | p99    - ms |    0 delivered");
    }

    private Timer execution(String supervisor, String outcome, String exception) {
        return Timer.builder("grip.supervisor.executions")
                .tag("supervisor", supervisor)
                .tag("outcome", outcome)
                .tag("failure", outcome.equals("success") ? "none" : "handler_error")
                .tag("exception", exception)
                .publishPercentiles(0.5, 0.99)
                .register(meters);
    }
}
