package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;

/**
 * Says what becomes of what was found: makes each method's supervisor, so that what is wrong with its policy shows now,
 * then fails, or warns. Immutable; used by any thread that makes beans.
 */
final class Verdict {

    private static final Log LOG = LogFactory.getLog(SupervisedBeanCheck.class);

    /** By name, since none of them needs to be there. */
    private static final List<String> OTHER_RETRIES = List.of(
            "org.springframework.resilience.annotation.Retryable",
            "org.springframework.retry.annotation.Retryable",
            "io.github.resilience4j.retry.annotation.Retry");

    private final StartupChecks severity;
    private final Supplier<SupervisorRegistry> registry;

    Verdict(StartupChecks severity, Supplier<SupervisorRegistry> registry) {
        this.severity = severity;
        this.registry = registry;
    }

    /**
     * Reports what was found in some beans.
     *
     * @throws SupervisionConfigurationException all of it together, if anything there has no meaning, or if problems fail
     */
    void on(Collection<Inspection> inspections) {
        List<SupervisionConfigurationException> fatal = new ArrayList<>();
        List<SupervisionConfigurationException> problems = new ArrayList<>();
        for (Inspection inspection : inspections) {
            fatal.addAll(inspection.fatal());
            problems.addAll(inspection.problems());
            for (SupervisedMethod method : inspection.methods()) {
                judge(inspection, method, fatal, problems);
            }
        }
        if (severity == StartupChecks.FAIL) {
            fatal.addAll(problems);
        }
        if (!fatal.isEmpty()) {
            throw together(fatal);
        }
        problems.forEach(severity::report);
        if (severity != StartupChecks.OFF) {
            inspections.forEach(Verdict::warnOfSelfInvocations);
            warnOfSharedNames(inspections);
        }
    }

    private void judge(
            Inspection inspection,
            SupervisedMethod method,
            List<SupervisionConfigurationException> fatal,
            List<SupervisionConfigurationException> problems) {
        Supervisor supervisor;
        try {
            supervisor = method.supervisor(registry.get());
        } catch (SupervisionConfigurationException noSupervisor) {
            fatal.add(noSupervisor.at(inspection.where(method.method())));
            return;
        }
        if (supervisor.policy().restart() == RestartPolicy.ALWAYS) {
            problems.add(inspection.problem(
                    "Policy '" + method.policy() + "' of this method restarts always, so a call would never return.",
                    method.method(),
                    "Set its restart.mode to never or on-failure; for work that is to be kept alive, use"
                            + " @SupervisedWorker."));
        }
        if (severity != StartupChecks.OFF
                && supervisor.policy().retry().maxAttempts().allowsAfter(1)) {
            warnOfMultipliedRetries(inspection, method);
        }
    }

    private static void warnOfMultipliedRetries(Inspection inspection, SupervisedMethod supervised) {
        Method method = supervised.method();
        MergedAnnotations onMethod = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
        MergedAnnotations onClass = MergedAnnotations.from(supervised.targetClass(), SearchStrategy.TYPE_HIERARCHY);
        for (String other : OTHER_RETRIES) {
            if (onMethod.isPresent(other) || onClass.isPresent(other)) {
                LOG.warn("Both @Supervised and @" + other + " are on " + inspection.place(method)
                        + ": where both are at work, their attempts multiply. Keep one of them, or give the policy '"
                        + supervised.policy() + "' retry.max-attempts: 1.");
            }
        }
    }

    private static void warnOfSelfInvocations(Inspection inspection) {
        Set<String> calls = SelfInvocations.in(inspection.targetClass(), inspection.methods());
        if (!calls.isEmpty()) {
            LOG.warn("Calls that an object makes on itself pass by its proxy and are not supervised: "
                    + inspection.place() + ": " + String.join(", ", calls)
                    + ". Call the method from another bean, or inject the bean into itself and call it there.");
        }
    }

    private static void warnOfSharedNames(Collection<Inspection> inspections) {
        Map<String, Set<String>> classesByName = new LinkedHashMap<>();
        for (Inspection inspection : inspections) {
            for (SupervisedMethod method : inspection.methods()) {
                if (method.isNamedByMethod()) {
                    classesByName
                            .computeIfAbsent(method.name(), name -> new TreeSet<>())
                            .add(Where.owner(method.method(), method.targetClass())
                                    .getName());
                }
            }
        }
        classesByName.forEach((name, classes) -> {
            if (classes.size() > 1) {
                LOG.warn("Methods of " + String.join(" and ", classes) + " share the supervisor '" + name
                        + "', which is only named after them. Give their @Supervised a name or a policy each.");
            }
        });
    }

    /** One failure that shows everything there is to correct. */
    private static SupervisionConfigurationException together(List<SupervisionConfigurationException> all) {
        if (all.size() == 1) {
            return all.get(0);
        }
        StringBuilder where = new StringBuilder();
        StringBuilder action = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            SupervisionConfigurationException problem = all.get(i);
            String number = (i + 1) + ". ";
            where.append(number)
                    .append(problem.what())
                    .append('\n')
                    .append(problem.where().indent(number.length()));
            action.append(number).append(problem.action()).append('\n');
        }
        return new SupervisionConfigurationException(
                "There are " + all.size() + " problems with @Supervised:",
                where.toString().stripTrailing(),
                action.toString().stripTrailing());
    }
}
