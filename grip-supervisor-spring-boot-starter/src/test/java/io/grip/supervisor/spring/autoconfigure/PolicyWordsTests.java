package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The way from a policy to words and back leads to the same policy. */
class PolicyWordsTests {

    private static SupervisorPolicy policy(Map<String, String> words) {
        Map<String, String> rooted = new LinkedHashMap<>();
        words.forEach((key, value) -> rooted.put("grip.supervisor.defaults." + key, value));
        GripSupervisorProperties properties = new Binder(new MapConfigurationPropertySource(rooted))
                .bindOrCreate(GripSupervisorProperties.PREFIX, Bindable.of(GripSupervisorProperties.class));
        return new ConfiguredPolicies(properties, new StandardEnvironment())
                .get("defaults")
                .policy();
    }

    @Test
    void everyLeafHasItsWord() {
        assertThat(PolicyWords.of(SupervisorPolicy.defaults(), ExecutorRunner.callerThread()))
                .containsOnlyKeys(KnownKeys.leavesOf(Policy.class))
                .containsEntry("thread", "caller")
                .containsEntry("retry.backoff.initial", "100ms")
                .containsEntry("deadline.timeout", "none")
                .containsEntry("admission.max-concurrency", "unlimited");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "retry.max-attempts=unlimited",
                "retry.jitter=0.25",
                "retry.backoff.type=none",
                "retry.backoff.type=fixed,retry.backoff.initial=1500ms",
                "retry.backoff.type=linear,retry.backoff.initial=2s,retry.backoff.max=20s",
                "restart.mode=on-failure,restart.max-restarts=2,restart.period=1m,restart.backoff.multiplier=1.5",
                "retry.never-on=java.io.IOException",
                "retry.budget.share=0.25,retry.budget.floor=7",
                "deadline.attempt-timeout=PT0.0000015S",
                "admission.max-concurrency=3,admission.max-wait=50ms",
                "escalation.on-panic=false"
            })
    void wordsLeadBackToThePolicy(String written) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String pair : written.split(",")) {
            words.put(pair.split("=")[0], pair.split("=")[1]);
        }
        SupervisorPolicy policy = policy(words);

        assertThat(policy(PolicyWords.of(policy, ExecutorRunner.callerThread())))
                .isEqualTo(policy);
    }
}
