package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.SupervisionConfigurationException;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;

class SupervisionConfigurationFailureAnalyzerTests {

    @Test
    void showsWhatWhereAndWhatToDoWhereverInTheCausesTheProblemIs() {
        SupervisionConfigurationException problem =
                new SupervisionConfigurationException("A thing is wrong.", "Bean: x\nMethod: y()", "Mend it.");

        FailureAnalysis analysis =
                new SupervisionConfigurationFailureAnalyzer().analyze(new BeanCreationException("x", problem));

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).isEqualToNormalizingNewlines("""
                A thing is wrong.

                    Bean: x
                    Method: y()""");
        assertThat(analysis.getAction()).isEqualTo("Mend it.");
    }
}
