package io.grip.sample.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shop uses what a user's application may use, and no more. */
class SampleArchitectureTests {
    private static final String SAMPLE = "io.grip.sample";
    private static final String PLANTED = SAMPLE + ".architecture.planted";

    private static final String[] NOT_FOR_USERS = {
        "thread",
        "admission",
        "engine",
        "spring.autoconfigure",
        "spring.aop",
        "spring.metrics",
        "spring.endpoint",
        "spring.health",
        "spring.lifecycle"
    };

    @Test
    void usesPublicApiOnly() {
        JavaClasses main = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(SampleArchitectureTests::isWrittenByHand)
                .importPackages(SAMPLE);

        assertThat(main).isNotEmpty();
        usesPublicApiOnly("io.grip.supervisor").check(main);
    }

    @Test
    void plantedViolationsBreakTheRule() {
        JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);

        assertThat(usesPublicApiOnly(PLANTED)
                        .evaluate(planted)
                        .getFailureReport()
                        .getDetails())
                .hasSize(2)
                .anyMatch(line -> line.contains("BadEngineUser"))
                .anyMatch(line -> line.contains("BadAopUser"));
    }

    /** A build ahead of time leaves beside our classes what Spring made for them, by names with two underscores. */
    private static boolean isWrittenByHand(Location location) {
        return !location.contains("__");
    }

    private static ArchRule usesPublicApiOnly(String core) {
        String[] packages =
                Stream.of(NOT_FOR_USERS).map(name -> core + "." + name + "..").toArray(String[]::new);
        return noClasses().should().dependOnClassesThat().resideInAnyPackage(packages);
    }
}
