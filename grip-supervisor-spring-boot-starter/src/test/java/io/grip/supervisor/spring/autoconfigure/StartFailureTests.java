package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.spring.SupervisorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What someone reads who starts an application with a mistake in its {@code application.yml}. */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureTests {

    @TempDir
    private Path directory;

    @Test
    void aMisspeltKeyIsShownWithItsPlaceAndWithWhatItWasMeantToBe(CapturedOutput output) {
        startFails("""
                grip.supervisor:
                  policies:
                    payment:
                      retry:
                        max-atempts: 4
                        backoff: {typ: fixed}
                      deadline: {timeout: 2s}
                  orde: 5
                """);

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Unknown keys under 'grip.supervisor':")
                .contains("""
                            grip.supervisor.policies.payment.retry.max-atempts: 4
                        """)
                .contains("application.yml] - 5:22")
                .contains("did you mean 'grip.supervisor.policies.payment.retry.max-attempts'?")
                .contains("application.yml] - 6:24")
                .contains("did you mean 'grip.supervisor.policies.payment.retry.backoff.type'?")
                .contains("application.yml] - 8:9")
                .contains("did you mean 'grip.supervisor.order'?")
                .contains("Correct the spelling, or remove what is not needed.")
                .doesNotContain("left unbound");
    }

    @Test
    void aKeyInTheWrongGroupIsShownWhereItBelongs(CapturedOutput output) {
        startFails("grip.supervisor: {policies: {payment: {timeout: 2s}}, defaults: {max-concurrency: 3}}");

        assertThat(output)
                .contains("did you mean 'grip.supervisor.policies.payment.deadline.timeout'?")
                .contains("did you mean 'grip.supervisor.defaults.admission.max-concurrency'?");
    }

    @Test
    void aKeyThatResemblesNoneIsAnsweredWithThoseThatExist(CapturedOutput output) {
        startFails("grip.supervisor.policies.payment.deadline.zzzzzzzzz: 1");

        assertThat(output).contains("known here: timeout, attempt-timeout");
    }

    @Test
    void aKeyBelowAValueIsAnsweredWithThatThereIsNothing(CapturedOutput output) {
        startFails("grip.supervisor.order.first: 1");

        assertThat(output).contains("there are no keys below 'grip.supervisor.order'");
    }

    @Test
    void aPolicyNameWithADotIsShownInItsBrackets(CapturedOutput output) {
        startFails("grip.supervisor.policies: {pay.charge: {retry: {jitter: 0}}}");

        assertThat(output)
                .contains("did you mean 'grip.supervisor.policies.[pay.charge].retry.jitter'?"
                        + " A name with a dot needs brackets.");
    }

    @Test
    void aValueOutOfRangeIsShownWithFieldValueRangePolicyAndPlace(CapturedOutput output) {
        startFails("""
                grip.supervisor.policies:
                  payment:
                    retry: {max-attempts: 0}
                """);

        assertThat(output)
                .contains("Policy 'payment': max-attempts must be at least 1, but is 0.")
                .contains("""
                            grip.supervisor.policies.payment.retry.max-attempts: 0
                        """)
                .contains("application.yml] - 3:27")
                .contains("Set a value within the range.");
    }

    @Test
    void aValueOutOfRangeThatIsInheritedIsShownWhereItIsWritten(CapturedOutput output) {
        startFails("grip.supervisor: {defaults: {retry: {jitter: 1.5}}, policies: {payment: {thread: own}}}");

        assertThat(output)
                .contains("Policy 'defaults': jitter must be between 0.0 and 1.0, but is 1.5.")
                .contains("grip.supervisor.defaults.retry.jitter: 1.5");
    }

    @Test
    void everyRangeIsChecked(CapturedOutput output) {
        startFailsWith(output, "admission: {max-concurrency: 0}", "max-concurrency must be at least 1, but is 0");
        startFailsWith(output, "admission: {max-wait: -1s}", "max-wait must be zero or more, but is PT-1S");
        startFailsWith(output, "deadline: {timeout: 0}", "timeout must be more than zero, but is PT0S");
        startFailsWith(output, "deadline: {attempt-timeout: -2s}", "attempt-timeout must be more than zero");
        startFailsWith(output, "restart: {max-restarts: -1}", "max-restarts must be at least 0, but is -1");
        startFailsWith(output, "restart: {period: 0s}", "period must be more than zero, but is PT0S");
        startFailsWith(output, "retry: {backoff: {initial: -5ms}}", "backoff initial must be zero or more");
        startFailsWith(output, "retry: {backoff: {multiplier: 0.5}}", "backoff multiplier must be between 1.0 and");
        startFailsWith(
                output,
                "retry: {backoff: {initial: 20s}}",
                "backoff initial must not be above backoff max, but is PT20S and backoff max is PT10S.",
                "grip.supervisor.policies.payment.retry.backoff.initial: 20s",
                "grip.supervisor.policies.payment.retry.backoff.max is not set, so it has its default");
        startFailsWith(
                output,
                "restart: {backoff: {type: linear, initial: 20s, max: 1s}}",
                "backoff step must not be above backoff max, but is PT20S and backoff max is PT1S.",
                "grip.supervisor.policies.payment.restart.backoff.max: 1s");
        startFailsWith(output, "retry: {backoff: {type: fixed, initial: -1s}}", "backoff delay must be zero or more");
    }

    @Test
    void aWordThatIsNoLimitIsAnsweredWithThoseThatAre(CapturedOutput output) {
        startFailsWith(
                output,
                "deadline: {timeout: soon}",
                "The value of 'timeout' cannot be read: 'soon' is not a duration such as 600ms, 2s or PT1M30S, nor 'none'"
                        + " or 'unlimited'.",
                "grip.supervisor.policies.payment.deadline.timeout: soon",
                "application.yml] - 1:58");
        startFailsWith(
                output,
                "retry: {max-attempts: none}",
                "The value of 'max-attempts' cannot be read: 'none' could mean no retry or no limit: write 1 for a single"
                        + " attempt, or 'unlimited'.");
        startFailsWith(
                output,
                "admission: {max-concurrency: off}",
                "The value of 'max-concurrency' cannot be read: it is neither a number nor a text.",
                "max-concurrency: false");
    }

    @Test
    void aValueInPlaceOfAGroupIsAnsweredWithTheKeysOfTheGroup(CapturedOutput output) {
        startFailsWith(
                output,
                "deadline: 2s",
                "'deadline' is a group of keys and has no value of its own.",
                "grip.supervisor.policies.payment.deadline: 2s",
                "application.yml] - 1:48",
                "Set one of its keys: timeout, attempt-timeout.");
    }

    @Test
    void aWordThatAnEnumDoesNotKnowIsAnsweredWithThoseItKnows(CapturedOutput output) {
        startFailsWith(
                output, "restart: {mode: sometimes}", "NEVER", "ON_FAILURE", "ALWAYS", "application.yml] - 1:54");
    }

    @Test
    void aClassThatDoesNotExistIsNamedWithItsPlace(CapturedOutput output) {
        startFailsWith(
                output,
                "retry: {retry-on: [java.io.IOException, java.io.IOExeption]}",
                "There is no class 'java.io.IOExeption'.",
                "grip.supervisor.policies.payment.retry.retry-on[1]: java.io.IOExeption",
                "application.yml] - 1:78",
                "Write the full name of a class on the class path; a nested one as Outer$Inner.");
    }

    @Test
    void aClassThatIsNoExceptionIsNamedWithItsPlace(CapturedOutput output) {
        startFailsWith(
                output,
                "retry: {never-on: [java.lang.String]}",
                "Policy 'payment': 'java.lang.String' is no exception.",
                "grip.supervisor.policies.payment.retry.never-on[0]: java.lang.String",
                "Name classes that extend java.lang.Throwable.");
    }

    @Test
    void anAttemptTimeoutAboveTheTimeoutIsAContradiction(CapturedOutput output) {
        startFailsWith(
                output,
                "deadline: {timeout: 2s, attempt-timeout: 2500ms}",
                "Policy 'payment': attempt-timeout (2500ms) is above timeout (2s), so it never decides anything.",
                "grip.supervisor.policies.payment.deadline.attempt-timeout: 2500ms",
                "grip.supervisor.policies.payment.deadline.timeout: 2s",
                "Lower attempt-timeout or raise timeout; 'none' unsets one that is inherited.");
    }

    @Test
    void aContradictionWithAnInheritedValueIsShownInBothPlaces(CapturedOutput output) {
        startFails("""
                grip.supervisor:
                  defaults: {deadline: {attempt-timeout: 5s}}
                  policies: {payment: {deadline: {timeout: 2s}}}
                """);

        assertThat(output)
                .contains("Policy 'payment': attempt-timeout (5s) is above timeout (2s)")
                .contains("grip.supervisor.defaults.deadline.attempt-timeout: 5s")
                .contains("application.yml] - 2:42")
                .contains("grip.supervisor.policies.payment.deadline.timeout: 2s")
                .contains("application.yml] - 3:44");
    }

    @Test
    void aFirstDelayThatLeavesNoTimeForARetryIsAContradiction(CapturedOutput output) {
        startFailsWith(
                output,
                "{deadline: {timeout: 200ms}, retry: {max-attempts: 4, jitter: 0.5, backoff: {initial: 400ms}}}",
                "Policy 'payment': max-attempts is 4, but the smallest delay before the first retry (200ms) is not below"
                        + " timeout (200ms), so there is never a retry.",
                "grip.supervisor.policies.payment.retry.backoff.initial: 400ms",
                "grip.supervisor.policies.payment.retry.jitter: 0.5",
                "grip.supervisor.policies.payment.deadline.timeout: 200ms",
                "Lower the first delay or raise timeout, or set max-attempts to 1.");
    }

    @Test
    void restartsWhoseDelaysOutlastThePeriodAreAContradiction(CapturedOutput output) {
        startFailsWith(
                output,
                "restart: {mode: on-failure, max-restarts: 5, period: 5s, backoff: {type: fixed, initial: 2s}}",
                "Policy 'payment': the smallest delays before 5 restarts, taken together, are not below period (5s), so"
                        + " max-restarts is never exceeded and the supervisor never gives up.",
                "grip.supervisor.policies.payment.restart.max-restarts: 5",
                "grip.supervisor.policies.payment.restart.period: 5s",
                "grip.supervisor.policies.payment.restart.backoff.initial: 2s",
                "Raise period, lower max-restarts, or lower the delays.");
    }

    @Test
    void aDelayThatItsTypeDoesNotUseIsAContradiction(CapturedOutput output) {
        startFailsWith(
                output,
                "retry: {backoff: {type: fixed, initial: 1s, max: 5s}}",
                "Policy 'payment': retry.backoff is of type fixed, which does not use retry.backoff.max.",
                "grip.supervisor.policies.payment.retry.backoff.max: 5s",
                "Remove what is not used, or choose another type.");
    }

    @Test
    void contradictionsWithADefaultOnlyWarn(CapturedOutput output) throws IOException {
        start("grip.supervisor.policies: {quick: {deadline: {timeout: 40ms}}, restless: {restart: {mode: on-failure,"
                + " max-restarts: 10}}}");

        assertThat(output)
                .contains("WARN")
                .contains("Policy 'quick': max-attempts is 3, but the smallest delay before the first retry (50ms)")
                .contains("grip.supervisor.policies.quick.retry.backoff.initial is not set, so it has its default")
                .contains(
                        "Policy 'restless': the smallest delays before 10 restarts, taken together, are not below period (5s)");
    }

    @Test
    void contradictionsWarnOrKeepQuietWhereTheChecksSaySo(CapturedOutput output) throws IOException {
        String contradiction = "policies: {payment: {deadline: {timeout: 2s, attempt-timeout: 3s}}}}";

        start("grip.supervisor: {checks: off, " + contradiction);
        assertThat(output).doesNotContain("attempt-timeout (3s)");

        start("grip.supervisor: {checks: warn, " + contradiction);
        assertThat(output).contains("WARN").contains("attempt-timeout (3s) is above timeout (2s)");
    }

    @Test
    void anUnknownPolicyIsAnsweredWithTheNearestKnownOne(CapturedOutput output) {
        assertThatThrownBy(() ->
                        start("grip.supervisor.policies: {payment: {}, shipment: {}}", AsksForUnknownPolicy.class))
                .isNotNull();

        assertThat(output)
                .contains("There is no policy 'paymnt'; the nearest known one is 'payment'.")
                .contains("Known names: payment, shipment")
                .contains("Correct the name, or configure grip.supervisor.policies.paymnt.");
    }

    @Test
    void aSupervisorWithTwoPoliciesIsNamedWithBoth(CapturedOutput output) {
        assertThatThrownBy(() -> start("grip.supervisor.policies: {payment: {}, shipment: {}}", GivesTwoPolicies.class))
                .isNotNull();

        assertThat(output)
                .contains("Supervisor 'gateway' is asked for with policy 'shipment', but has policy 'payment' already")
                .contains("Use the same policy in both places, or give one of them another name.");
    }

    @Test
    void aPolicyCannotBeCalledLikeWhatAllInheritFrom(CapturedOutput output) {
        startFails("grip.supervisor.policies: {defaults: {thread: own}}");

        assertThat(output).contains("A policy cannot be called 'defaults'").contains("Choose another name");
    }

    @Test
    void aLazyApplicationFailsAtItsStartToo(CapturedOutput output) {
        startFails("""
                spring.main.lazy-initialization: true
                grip.supervisor.policies.payment.retry.max-attempts: 0
                """);

        assertThat(output).contains("max-attempts must be at least 1, but is 0");
    }

    private void startFailsWith(CapturedOutput output, String policy, String... texts) {
        String body = policy.startsWith("{") ? policy : "{" + policy + "}";
        startFails("grip.supervisor.policies: {payment: " + body + "}");
        assertThat(output).contains(texts);
    }

    private void startFails(String yaml) {
        assertThatThrownBy(() -> start(yaml)).isNotNull();
    }

    private void start(String yaml, Class<?>... more) throws IOException {
        Path file = Files.writeString(directory.resolve("application.yml"), yaml);
        SpringApplication application = new SpringApplicationBuilder(App.class)
                .sources(more)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .build();
        application
                .run("--spring.main.banner-mode=off", "--spring.config.location=" + file.toUri())
                .close();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(SupervisorAutoConfiguration.class)
    static class App {}

    @Configuration(proxyBeanMethods = false)
    static class AsksForUnknownPolicy {

        @Bean
        Object user(SupervisorRegistry registry) {
            return registry.obtain("paymnt", "paymnt");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class GivesTwoPolicies {

        @Bean
        Object user(SupervisorRegistry registry) {
            registry.obtain("gateway", "payment");
            return registry.obtain("gateway", "shipment");
        }
    }
}
