package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.Attempts;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** From YAML to policies. */
class ConfiguredPoliciesTests {

    @Test
    void everyKeyReachesItsPlaceInThePolicy() {
        ConfiguredPolicy payment = policies("""
                        grip:
                          supervisor:
                            policies:
                              payment:
                                thread: own
                                retry:
                                  max-attempts: 4
                                  jitter: 0.25
                                  backoff: {type: exponential, initial: 200ms, multiplier: 3, max: 5s}
                                  retry-on: [java.io.IOException]
                                  never-on: [java.lang.IllegalStateException]
                                deadline: {timeout: 2s, attempt-timeout: 600ms}
                                admission: {max-concurrency: 32, max-wait: 50ms}
                                restart: {mode: on-failure, max-restarts: 7, period: 30s, backoff: {type: linear, initial: 400ms, max: 20s}}
                                escalation: {on-panic: false, on-retry-exhausted: false}
                        """).get("payment");

        assertThat(payment.runner()).isSameAs(ExecutorRunner.ownThread());
        assertThat(payment.policy())
                .isEqualTo(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(4)
                                .withJitter(0.25)
                                .withBackoff(
                                        BackoffPolicy.exponential(Duration.ofMillis(200), 3, Duration.ofSeconds(5)))
                                .withRetryOn(IOException.class)
                                .withNeverOn(IllegalStateException.class))
                        .withDeadline(
                                DeadlinePolicy.of(Duration.ofSeconds(2)).withAttemptTimeout(Duration.ofMillis(600)))
                        .withAdmission(AdmissionPolicy.of(32).withMaxWait(Duration.ofMillis(50)))
                        .withRestart(RestartPolicy.ON_FAILURE)
                        .withIntensity(RestartIntensity.of(7, Duration.ofSeconds(30)))
                        .withBackoff(BackoffPolicy.linear(Duration.ofMillis(400), Duration.ofSeconds(20)))
                        .withEscalation(EscalationPolicy.of(false, false)));
    }

    @Test
    void whatIsNotSetIsTheLibrarysDefault() {
        ConfiguredPolicies policies = policies("grip.supervisor.policies: {empty: {}, absent: }");

        assertThat(policies.get("empty").policy()).isEqualTo(SupervisorPolicy.defaults());
        assertThat(policies.get("absent").policy()).isEqualTo(SupervisorPolicy.defaults());
        assertThat(policies.get("empty").runner()).isSameAs(ExecutorRunner.callerThread());
    }

    @Test
    void withoutAnyPropertyThereAreTheDefaultsAlone() {
        ConfiguredPolicies policies = policies("");

        assertThat(policies.names()).isEmpty();
        assertThat(policies.get("defaults").policy()).isEqualTo(SupervisorPolicy.defaults());
    }

    @Test
    void defaultsAreInheritedValueByValue() {
        ConfiguredPolicies policies = policies("""
                grip.supervisor:
                  defaults:
                    thread: own
                    retry: {max-attempts: 7, jitter: 0, retry-on: [java.io.IOException]}
                    deadline: {timeout: 8s, attempt-timeout: 1s}
                    admission: {max-concurrency: 5, max-wait: 1s}
                    restart: {mode: on-failure, max-restarts: 1, period: 1m}
                    escalation: {on-panic: false}
                  policies:
                    payment:
                      retry: {max-attempts: 4}
                      deadline: {attempt-timeout: 2s}
                      admission: {max-wait: 0}
                      restart: {max-restarts: 2}
                      escalation: {on-retry-exhausted: false}
                """);

        assertThat(policies.get("payment").runner()).isSameAs(ExecutorRunner.ownThread());
        assertThat(policies.get("payment").policy())
                .isEqualTo(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(4).withJitter(0).withRetryOn(IOException.class))
                        .withDeadline(
                                DeadlinePolicy.of(Duration.ofSeconds(8)).withAttemptTimeout(Duration.ofSeconds(2)))
                        .withAdmission(AdmissionPolicy.of(5))
                        .withRestart(RestartPolicy.ON_FAILURE)
                        .withIntensity(RestartIntensity.of(2, Duration.ofMinutes(1)))
                        .withEscalation(EscalationPolicy.of(false, false)));
    }

    @Test
    void aWordUnsetsWhatWouldBeInherited() {
        SupervisorPolicy policy = policies("""
                        grip.supervisor:
                          defaults:
                            retry: {max-attempts: 7, retry-on: [java.io.IOException]}
                            deadline: {timeout: 8s, attempt-timeout: 1s}
                            admission: {max-concurrency: 5}
                          policies:
                            free:
                              retry: {max-attempts: unlimited, retry-on: []}
                              deadline: {timeout: none, attempt-timeout: unlimited}
                              admission: {max-concurrency: none}
                        """).get("free").policy();

        assertThat(policy.retry().maxAttempts()).isEqualTo(Attempts.unlimited());
        assertThat(policy.retry()).isEqualTo(RetryPolicy.unlimited());
        assertThat(policy.deadline()).isEqualTo(DeadlinePolicy.none());
        assertThat(policy.admission()).isEqualTo(AdmissionPolicy.unlimited());
    }

    @Test
    void aBackoffWithoutATypeInheritsTheRestOfItsGroup() {
        assertThat(retryBackoff("{type: linear, initial: 1s, max: 9s}", "{initial: 2s}"))
                .isEqualTo(BackoffPolicy.linear(Duration.ofSeconds(2), Duration.ofSeconds(9)));
        assertThat(retryBackoff("{multiplier: 5}", "{max: 9s}"))
                .isEqualTo(BackoffPolicy.exponential(Duration.ofMillis(100), 5, Duration.ofSeconds(9)));
    }

    @Test
    void aBackoffWithATypeInheritsNothingOfItsGroup() {
        assertThat(retryBackoff("{type: linear, initial: 1s, max: 9s}", "{type: exponential, multiplier: 4}"))
                .isEqualTo(BackoffPolicy.exponential(Duration.ofMillis(100), 4, Duration.ofSeconds(10)));
        assertThat(retryBackoff("{initial: 1s, multiplier: 4, max: 9s}", "{type: fixed, initial: 3s}"))
                .isEqualTo(BackoffPolicy.fixed(Duration.ofSeconds(3)));
        assertThat(retryBackoff("{initial: 1s, multiplier: 4, max: 9s}", "{type: none}"))
                .isEqualTo(BackoffPolicy.none());
        assertThat(retryBackoff("{type: fixed, initial: 1s}", "{type: linear}"))
                .isEqualTo(BackoffPolicy.linear(Duration.ofMillis(100), Duration.ofSeconds(10)));
    }

    @Test
    void theTypeOfOneBackoffSaysNothingAboutTheOther() {
        SupervisorPolicy policy = policies("""
                        grip.supervisor:
                          defaults:
                            retry.backoff: {type: fixed, initial: 1s}
                            restart.backoff: {type: fixed, initial: 7s}
                          policies:
                            a: {retry.backoff: {type: none}}
                        """).get("a").policy();

        assertThat(policy.retry().backoff()).isEqualTo(BackoffPolicy.none());
        assertThat(policy.backoff()).isEqualTo(BackoffPolicy.fixed(Duration.ofSeconds(7)));
    }

    @Test
    void spellingsOfOneNameAreOnePolicy() {
        ConfiguredPolicies policies = policies("""
                grip.supervisor.policies:
                  my-pol: {retry: {max-attempts: 9, backoff: {max: 7s}}}
                  myPol: {retry: {jitter: 0, backoff: {type: linear}}}
                """);

        assertThat(policies.names()).containsExactly("my-pol");
        assertThat(policies.get("MY_POL"))
                .isSameAs(policies.get("my-pol"))
                .extracting(ConfiguredPolicy::policy)
                .isEqualTo(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(9)
                                .withJitter(0)
                                .withBackoff(BackoffPolicy.linear(Duration.ofMillis(100), Duration.ofSeconds(7)))));
    }

    @Test
    void anEnvironmentVariableChangesThePolicyOfTheFileAndAddsNone() {
        ConfiguredPolicies policies = policies(
                "grip.supervisor.policies: {my-pol: {retry: {max-attempts: 9}, deadline: {timeout: 2s}}}",
                Map.of("GRIP_SUPERVISOR_POLICIES_MYPOL_DEADLINE_TIMEOUT", "8s"));

        assertThat(policies.names()).containsExactly("my-pol");
        assertThat(policies.get("my-pol").policy())
                .isEqualTo(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(9))
                        .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(8))));
    }

    @Test
    void anEnvironmentVariableReachesANameInBracketsToo() {
        ConfiguredPolicies policies = policies(
                "grip.supervisor.policies: {'[pay.charge]': {retry: {max-attempts: 9}, deadline: {timeout: 2s}}}",
                Map.of("GRIP_SUPERVISOR_POLICIES_PAYCHARGE_DEADLINE_TIMEOUT", "8s"));

        assertThat(policies.names()).containsExactly("pay.charge");
        assertThat(policies.get("pay.charge").policy().deadline()).isEqualTo(DeadlinePolicy.of(Duration.ofSeconds(8)));
        assertThat(policies.get("pay.charge").policy().retry()).isEqualTo(RetryPolicy.of(9));
    }

    @Test
    void anEnvironmentVariableAloneMakesAPolicy() {
        ConfiguredPolicies policies = policies("", Map.of("GRIP_SUPERVISOR_POLICIES_PAYMENT_RETRY_MAXATTEMPTS", "9"));

        assertThat(policies.names()).containsExactly("payment");
        assertThat(policies.get("payment").policy().retry()).isEqualTo(RetryPolicy.of(9));
    }

    @Test
    void anExceptionListedTwiceIsListedOnce() {
        assertThat(policies("grip.supervisor.policies.a.retry.retry-on: [java.io.IOException, java.io.IOException]")
                        .get("a")
                        .policy()
                        .retry())
                .isEqualTo(RetryPolicy.of(3).withRetryOn(IOException.class));
    }

    private static BackoffPolicy retryBackoff(String inherited, String own) {
        return policies("grip.supervisor: {defaults: {retry: {backoff: %s}}, policies: {a: {retry: {backoff: %s}}}}"
                        .formatted(inherited, own))
                .get("a")
                .policy()
                .retry()
                .backoff();
    }

    private static ConfiguredPolicies policies(String yaml) {
        return policies(yaml, Map.of());
    }

    private static ConfiguredPolicies policies(String yaml, Map<String, Object> variables) {
        Environment environment = Yaml.environment(yaml, variables);
        GripSupervisorProperties properties = Binder.get(environment)
                .bindOrCreate(GripSupervisorProperties.PREFIX, Bindable.of(GripSupervisorProperties.class));
        return new ConfiguredPolicies(properties, environment);
    }
}
