package io.grip.supervisor.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules hold in the core, and each of them is broken by what was planted to break it. */
class ArchitectureTests {
    private static final String CORE = "io.grip.supervisor";
    private static final String PLANTED = CORE + ".architecture.planted";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(CORE);

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/architecture/planted/"))
            .importPackages(CORE);

    @Test
    void mainAndTestClassesAreToldApart() {
        assertThat(MAIN).isNotEmpty().noneMatch(type -> type.getName().startsWith(CORE + ".architecture"));
        assertThat(TESTS).anyMatch(type -> type.isEquivalentTo(ArchitectureTests.class));
        assertThat(TESTS).noneMatch(type -> type.getName().startsWith(PLANTED));
    }

    @ParameterizedTest
    @EnumSource
    void coreKeeps(ArchitectureRule rule) {
        rule.under(CORE).allowEmptyShould(true).check(MAIN);
    }

    @Test
    void testsDoNotSleep() {
        ArchitectureRule.SLEEP_ONLY_IN_TIME.under("no.package").check(TESTS);
    }

    /** A planted class named Bad breaks the rule, one named Good keeps it, any other is there to be used by them. */
    @ParameterizedTest
    @EnumSource
    void plantedViolationsBreak(ArchitectureRule rule) {
        String root = PLANTED + "." + rule.name().replace("_", "").toLowerCase(Locale.ROOT);
        JavaClasses planted = new ClassFileImporter().importPackages(root);

        String report = String.join(
                "\n", rule.under(root).evaluate(planted).getFailureReport().getDetails());

        assertThat(namesStartingWith("Bad", planted))
                .isNotEmpty()
                .allSatisfy(bad -> assertThat(report).containsPattern(wholeName(bad)));
        assertThat(namesStartingWith("Good", planted))
                .isNotEmpty()
                .allSatisfy(good -> assertThat(report).doesNotContainPattern(wholeName(good)));
    }

    private static List<String> namesStartingWith(String prefix, JavaClasses planted) {
        return planted.stream()
                .filter(type -> type.getSimpleName().startsWith(prefix))
                .map(JavaClass::getName)
                .toList();
    }

    private static String wholeName(String name) {
        return Pattern.quote(name) + "\\b";
    }
}
