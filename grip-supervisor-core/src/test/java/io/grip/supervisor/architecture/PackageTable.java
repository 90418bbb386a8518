package io.grip.supervisor.architecture;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.ArrayList;
import java.util.List;

/** The core's packages, from the bottom up, as they stand under one root. */
record PackageTable(String root) {
    private static final String ROOT_ITSELF = "";

    /** Lowest first; packages of one level do not know each other. */
    private static final List<List<String>> LEVELS = List.of(
            List.of("time"),
            List.of("thread"),
            List.of("execution"),
            List.of("policy", "hook"),
            List.of("admission"),
            List.of("engine", "tree"),
            List.of(ROOT_ITSELF));

    /** Public for their neighbours only. */
    private static final List<String> HIDDEN = List.of("thread", "admission", "engine");

    /** Each package knows packages of lower levels only, and no class stands outside the table. */
    ArchRule arrowsPointDown() {
        LayeredArchitecture architecture = layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(root + "..")
                .withOptionalLayers(true);
        List<String> below = new ArrayList<>();
        for (List<String> level : LEVELS) {
            List<String> names = level.stream().map(this::fullName).toList();
            for (String name : names) {
                architecture = below.isEmpty()
                        ? architecture
                                .layer(name)
                                .definedBy(name)
                                .whereLayer(name)
                                .mayNotAccessAnyLayer()
                        : architecture
                                .layer(name)
                                .definedBy(name)
                                .whereLayer(name)
                                .mayOnlyAccessLayers(below.toArray(String[]::new));
            }
            below.addAll(names);
        }
        return architecture.ensureAllClassesAreContainedInArchitecture();
    }

    boolean isHidden(JavaClass type) {
        return HIDDEN.stream().map(this::fullName).anyMatch(type.getPackageName()::equals);
    }

    private String fullName(String name) {
        return name.equals(ROOT_ITSELF) ? root : root + "." + name;
    }
}
