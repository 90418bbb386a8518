package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.spring.SupervisionConfigurationException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** The bounds of the contradictions; their texts are checked where an application starts. */
class ContradictionsTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deadline: {timeout: 2s, attempt-timeout: 2001ms}",
                "{deadline: {timeout: 1s}, retry: {jitter: 0, backoff: {initial: 1s}}}",
                "{deadline: {timeout: 1s}, retry: {max-attempts: unlimited, jitter: 0, backoff: {type: fixed, initial: 9s}}}",
                "{retry: {jitter: 0}, restart: {mode: on-failure, max-restarts: 2, period: 2s, backoff: {type: fixed, initial: 1s}}}",
                "{retry: {jitter: 0}, restart: {mode: always, max-restarts: 3, period: 6s, backoff: {type: linear, initial: 1s}}}",
                "{retry: {jitter: 0}, restart: {mode: on-failure, max-restarts: 3, period: 7s, backoff: {initial: 1s}}}",
                "restart: {mode: on-failure, max-restarts: 2147483647, period: 1h, backoff: {type: fixed, initial: 1ms}}",
                "restart: {mode: on-failure, max-restarts: 2147483647, period: 1h, backoff: {initial: 1ms, multiplier: 1}}",
                "retry: {backoff: {type: none, initial: 1s}}",
                "retry: {backoff: {type: fixed, multiplier: 2}}",
                "restart: {backoff: {type: linear, multiplier: 2}}",
                "retry: {max-attempts: 1, budget: {share: 0.2}}",
                "retry: {budget: {floor: 5}}",
                "retry: {budget: {recent: 5}}",
            })
    void contradict(String policy) {
        assertThatThrownBy(() -> policies(policy)).isInstanceOf(SupervisionConfigurationException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deadline: {timeout: 2s, attempt-timeout: 2s}",
                "deadline: {timeout: none, attempt-timeout: 1h}",
                "{deadline: {timeout: 1s}, retry: {jitter: 0, backoff: {initial: 999ms}}}",
                "{deadline: {timeout: 1s}, retry: {jitter: 0.5, backoff: {initial: 1900ms}}}",
                "{deadline: {timeout: 1s}, retry: {jitter: 1, backoff: {type: fixed, initial: 9s}}}",
                "{deadline: {timeout: 1s}, retry: {max-attempts: 1, backoff: {type: fixed, initial: 9s}}}",
                "{deadline: {timeout: 1s}, retry: {backoff: {type: none}}}",
                "{retry: {jitter: 0}, restart: {mode: on-failure, max-restarts: 2, period: 2001ms, backoff: {type: fixed, initial: 1s}}}",
                "{retry: {jitter: 0.5}, restart: {mode: on-failure, max-restarts: 3, period: 7s, backoff: {initial: 1s}}}",
                "{retry: {jitter: 1}, restart: {mode: on-failure, max-restarts: 9, period: 1s, backoff: {initial: 10s}}}",
                "restart: {mode: never, max-restarts: 9, period: 1s, backoff: {initial: 10s}}",
                "restart: {mode: on-failure, max-restarts: 0, period: 1s, backoff: {initial: 10s}}",
                "restart: {mode: on-failure, max-restarts: 2147483647, period: 1h, backoff: {type: none}}",
                "retry: {budget: {share: 0.2, floor: 5, recent: 5}}",
                "retry: {budget: {share: none, floor: 5}}",
            })
    void doNotContradict(String policy) {
        assertThatCode(() -> policies(policy)).doesNotThrowAnyException();
    }

    @Test
    void whatAPolicyUnsetsContradictsNothing() {
        assertThatCode(() -> configured("""
                        grip.supervisor:
                          defaults: {deadline: {attempt-timeout: 5s}}
                          policies: {a: {deadline: {timeout: 2s, attempt-timeout: none}}}
                        """)).doesNotThrowAnyException();
    }

    private static void policies(String policy) {
        configured("grip.supervisor.policies: {a: " + (policy.startsWith("{") ? policy : "{" + policy + "}") + "}");
    }

    private static void configured(String yaml) {
        Environment environment = Yaml.environment(yaml, Map.of());
        new ConfiguredPolicies(
                Binder.get(environment)
                        .bindOrCreate(GripSupervisorProperties.PREFIX, Bindable.of(GripSupervisorProperties.class)),
                environment);
    }
}
