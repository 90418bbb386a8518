package io.grip.supervisor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class StartupChecksTests {

    private final SupervisionConfigurationException problem =
            new SupervisionConfigurationException("A thing is wrong.", "Bean 'x'.", "Mend it.");

    @Test
    void failThrowsTheProblemItself() {
        assertThatThrownBy(() -> StartupChecks.FAIL.report(problem)).isSameAs(problem);
    }

    @Test
    void warnLogsAllThreeParts(CapturedOutput output) {
        StartupChecks.WARN.report(problem);

        assertThat(output).contains("WARN").contains("A thing is wrong. (Bean 'x'.) Mend it.");
    }

    @Test
    void offSaysNothing(CapturedOutput output) {
        StartupChecks.OFF.report(problem);

        assertThat(output).doesNotContain("wrong");
    }
}
