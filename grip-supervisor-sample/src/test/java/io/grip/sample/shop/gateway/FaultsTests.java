package io.grip.sample.shop.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class FaultsTests {

    private static ValidatorFactory validators;
    private static FaultsReader reader;

    @BeforeAll
    static void open() {
        validators = Validation.buildDefaultValidatorFactory();
        reader = new FaultsReader(validators.getValidator());
    }

    @AfterAll
    static void close() {
        validators.close();
    }

    @ParameterizedTest
    @CsvSource({"0.0, UNAVAILABLE", "0.29, UNAVAILABLE", "0.3, RESET", "0.49, RESET", "0.5,", "0.99,"})
    void strikesEachFaultAtItsRateAndAtMostOne(double drawn, Fault expected) {
        Faults faults = reader.read("{\"rates\": {\"unavailable\": 0.3, \"reset\": 0.2}}");

        assertThat(faults.struckBy(drawn)).isEqualTo(expected);
    }

    @Test
    void strikesAlwaysAtRateOneAndNeverAtRateZero() {
        Faults faults = reader.read("{\"rates\": {\"unavailable\": 0, \"hang\": 1}}");

        assertThat(faults.struckBy(0)).isEqualTo(Fault.HANG);
        assertThat(faults.struckBy(Math.nextDown(1.0))).isEqualTo(Fault.HANG);
    }

    @Test
    void isReadByTheRulesOfTheConfiguration() {
        Faults faults = reader.read("""
                {
                  "latency": "20ms",
                  "retryAfter": "3s",
                  "seed": 7,
                  "rates": {"too-many-requests": 0.5, "lostAnswer": 0.25}
                }
                """);

        assertThat(faults)
                .isEqualTo(new Faults(
                        Duration.ofMillis(20),
                        Duration.ofSeconds(3),
                        Map.of(Fault.TOO_MANY_REQUESTS, 0.5, Fault.LOST_ANSWER, 0.25),
                        7L));
    }

    @Test
    void isHealedByAnEmptyObject() {
        assertThat(reader.read("{}")).isEqualTo(new Faults(Duration.ZERO, Duration.ofSeconds(1), Map.of(), null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"latncy\": \"1s\"}                      | unknown or empty: latncy",
                "{\"latency\": \"1 parsec\"}               | latency: '1 parsec' is not a valid duration",
                "{\"latency\": \"-1s\"}                    | latency must be longer than or equal to 0",
                "{\"rates\": {\"rset\": 0.1}}              | known are unavailable, too-many-requests, reset, hang, garbage",
                "{\"rates\": {\"reset\": \"often\"}}       | rates.reset: For input string: \"often\"",
                "{\"rates\": {\"reset\": 1.5}}             | rates[RESET].<map value> must be less than or equal to 1",
                "{\"rates\": {\"reset\": -0.5}}            | must be greater than or equal to 0",
                "{\"rates\": {\"reset\": \"NaN\"}}         | rates[RESET].<map value> must be",
                "{\"rates\": {\"reset\": 0.6, \"hang\": 0.6}} | sumOfRates must be 1 at most",
                "[1]                                       | a JSON object is needed",
                "''                                        | a JSON object is needed",
                "{                                         | not readable as JSON",
            })
    void saysWhatIsWrongWithFaultsThatCannotBe(String body, String complaint) {
        assertThatExceptionOfType(WrongFaults.class)
                .isThrownBy(() -> reader.read(body))
                .withMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shop.gateway.faults.rates.hang=2        | must be less than or equal to 1",
                "shop.gateway.faults.latency=2h          | must be shorter than or equal to 1 minute",
                "shop.gateway.port=70000                 | must be less than or equal to 65535",
            })
    void stopTheStartWhereTheConfigurationIsOutOfRange(String property, String complaint) {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues(property)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining(complaint));
    }

    @EnableConfigurationProperties(GatewayProperties.class)
    static class Settings {}
}
