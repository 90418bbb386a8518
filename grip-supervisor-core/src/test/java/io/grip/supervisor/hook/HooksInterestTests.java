package io.grip.supervisor.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.hook.Hooks.Interest;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HooksInterestTests {

    private static final Task<String> SUCCEEDS = context -> "value";

    private final Recording hooks = new Recording();
    private final CountingTime time = new CountingTime();
    private final AtomicInteger hookErrors = new AtomicInteger();

    @Test
    void hooksThatWantNothingAreNotCalledForASuccessAndNoClockIsRead() throws Exception {
        hooks.interest = Interest.NOTHING;
        Supervisor supervisor = supervisor();
        int before = time.readings;

        supervisor.call(SUCCEEDS);

        assertThat(hooks.heard).isEmpty();
        assertThat(time.readings - before).isZero();
    }

    @Test
    void hooksThatWantFailuresAreNotCalledForASuccess() throws Exception {
        hooks.interest = Interest.FAILURES;

        supervisor().call(SUCCEEDS);

        assertThat(hooks.heard).isEmpty();
    }

    @Test
    void hooksThatWantFailuresHearOfOneWithItsDuration() {
        hooks.interest = Interest.FAILURES;

        assertThatThrownBy(() -> supervisor().call(context -> {
                    time.manual.advance(Duration.ofSeconds(3));
                    throw new IOException("reset");
                }))
                .isInstanceOf(IOException.class);

        assertThat(hooks.heard).contains("failure after PT3S");
    }

    @Test
    void hooksMayChangeTheirMindBetweenExecutions() throws Exception {
        Supervisor supervisor = supervisor();
        hooks.interest = Interest.NOTHING;
        supervisor.call(SUCCEEDS);

        hooks.interest = Interest.EVERYTHING;
        supervisor.call(SUCCEEDS);

        assertThat(hooks.heard).containsExactly("start", "success");
    }

    @Test
    void hooksWantEverythingUnlessTheySayOtherwise() {
        assertThat(new Hooks() {}.interest()).isEqualTo(Interest.EVERYTHING);
        assertThat(Hooks.none().interest()).isEqualTo(Interest.NOTHING);
    }

    @Test
    void severalHooksWantWhatTheMostInterestedOfThemWants() throws Exception {
        Recording others = new Recording();
        others.interest = Interest.EVERYTHING;
        hooks.interest = Interest.FAILURES;

        assertThat(hooks.andThen(others).interest()).isEqualTo(Interest.EVERYTHING);
        Supervisor.builder("two").hooks(hooks).addHooks(others).build().call(SUCCEEDS);

        assertThat(others.heard).containsExactly("start", "success");
    }

    @Test
    void hooksThatCannotSayAreTakenToWantEverything() throws Exception {
        hooks.interest = null;

        supervisor().call(SUCCEEDS);

        assertThat(hooks.heard).containsExactly("start", "success");
        assertThat(hookErrors).hasPositiveValue();
    }

    @Test
    void restartsAreSpacedByTheLifeOfIncarnationsThoughNobodyListens() {
        ManualTime selfAdvancing = ManualTime.selfAdvancing();
        Supervisor supervisor = Supervisor.builder("restarting")
                .time(selfAdvancing)
                .policy(SupervisorPolicy.none()
                        .withRetry(RetryPolicy.none().withJitter(0))
                        .withRestart(RestartPolicy.ON_FAILURE)
                        .withIntensity(RestartIntensity.of(3, Duration.ofHours(1)))
                        .withBackoff(BackoffPolicy.exponential(Duration.ofSeconds(1), 2, Duration.ofHours(1))))
                .build();
        // Long before, so that a beginning that was never read looks like a long and healthy life.
        selfAdvancing.advance(Duration.ofDays(1));
        long from = selfAdvancing.nanoTime();

        assertThatThrownBy(() -> supervisor.call(context -> {
                    throw new IOException("reset");
                }))
                .isInstanceOf(IOException.class);

        assertThat(Duration.ofNanos(selfAdvancing.nanoTime() - from)).isEqualTo(Duration.ofSeconds(1 + 2 + 4));
    }

    private Supervisor supervisor() {
        return Supervisor.builder("payment")
                .policy(SupervisorPolicy.none())
                .time(time)
                .hooks(hooks)
                .addHooks(new Hooks() {
                    @Override
                    public Interest interest() {
                        return Interest.NOTHING;
                    }
                })
                .telemetry(hooks.interest == null ? errors() : Telemetry.none())
                .build();
    }

    private Telemetry errors() {
        return new Telemetry() {
            @Override
            public void hookError() {
                hookErrors.incrementAndGet();
            }
        };
    }

    private static final class Recording implements Hooks {
        Interest interest;
        final List<String> heard = new ArrayList<>();

        @Override
        public Interest interest() {
            if (interest == null) {
                throw new IllegalStateException("undecided");
            }
            return interest;
        }

        @Override
        public void onStart(Execution execution) {
            heard.add("start");
        }

        @Override
        public void onSuccess(Execution execution, Result<?> result) {
            heard.add("success");
        }

        @Override
        public void onFailure(Execution execution, Result<?> result) {
            heard.add("failure after " + result.duration());
        }
    }

    /** A clock that knows how often it was read. */
    private static final class CountingTime extends ForwardingTime {
        final ManualTime manual;
        int readings;

        CountingTime() {
            this(ManualTime.create());
        }

        private CountingTime(ManualTime manual) {
            super(manual);
            this.manual = manual;
        }

        @Override
        public long nanoTime() {
            readings++;
            return super.nanoTime();
        }
    }
}
