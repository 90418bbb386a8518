package io.grip.supervisor.spring.architecture;

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

/** The rules hold in the starter, and each of them is broken by what was planted to break it. */
class StarterArchitectureTests {
    private static final String CORE = "io.grip.supervisor";
    private static final String STARTER = CORE + ".spring";
    private static final String PLANTED = STARTER + ".architecture.planted";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(STARTER);

    @Test
    void mainClassesAreFound() {
        assertThat(MAIN).isNotEmpty().noneMatch(type -> type.getName().startsWith(STARTER + ".architecture"));
    }

    @ParameterizedTest
    @EnumSource
    void starterKeeps(StarterArchitectureRule rule) {
        rule.under(CORE).allowEmptyShould(true).check(MAIN);
    }

    /** A planted class named Bad breaks the rule, one named Good keeps it, any other is there to be used by them. */
    @ParameterizedTest
    @EnumSource
    void plantedViolationsBreak(StarterArchitectureRule rule) {
        String core = PLANTED + "." + rule.name().replace("_", "").toLowerCase(Locale.ROOT);
        JavaClasses planted = new ClassFileImporter().importPackages(core + ".spring");

        String report = String.join(
                "\n", rule.under(core).evaluate(planted).getFailureReport().getDetails());

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
