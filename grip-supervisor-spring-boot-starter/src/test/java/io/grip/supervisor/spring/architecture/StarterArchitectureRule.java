package io.grip.supervisor.spring.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.NullMarked;

/**
 * What the starter's packages may do, each rule for any root of the core, below which the starter's stand in
 * {@code spring}: for the real one, and for the root of a planted violation, which is {@code planted} and the rule's
 * name in lower case without underscores.
 */
enum StarterArchitectureRule {
    FEATURES_STAND_ALONE(StarterArchitectureRule::featuresStandAlone),
    CORE_API_ONLY(core -> noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(core + ".thread..", core + ".admission..", core + ".engine..")),
    NULL_MARKED_PACKAGES(core -> classes()
            .should(ArchCondition.from(describe(
                    "be in a package that is itself @NullMarked",
                    type -> type.getPackage().isAnnotatedWith(NullMarked.class.getName())))));

    private static final List<String> FEATURES =
            List.of("aop", "event", "metrics", "observation", "endpoint", "health", "lifecycle", "worker", "console");

    private final Function<String, ArchRule> ruleByCore;

    StarterArchitectureRule(Function<String, ArchRule> ruleByCore) {
        this.ruleByCore = ruleByCore;
    }

    ArchRule under(String core) {
        return ruleByCore.apply(core);
    }

    /** Nobody knows the auto-configuration, the features know the root only, and the root knows none of them. */
    private static ArchRule featuresStandAlone(String core) {
        String root = core + ".spring";
        LayeredArchitecture architecture = layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(root + "..")
                .withOptionalLayers(true)
                .layer("root")
                .definedBy(root)
                .layer("autoconfigure")
                .definedBy(root + ".autoconfigure")
                .whereLayer("root")
                .mayNotAccessAnyLayer()
                .whereLayer("autoconfigure")
                .mayNotBeAccessedByAnyLayer();
        for (String feature : FEATURES) {
            architecture = architecture
                    .layer(feature)
                    .definedBy(root + "." + feature)
                    .whereLayer(feature)
                    .mayOnlyAccessLayers("root");
        }
        return architecture.ensureAllClassesAreContainedInArchitecture();
    }
}
