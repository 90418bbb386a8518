package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a configuration may lead to at worst. Pure functions. */
final class Forecast {

    private Forecast() {}

    /** How long a stop may take: one after another, or all at once under a template. */
    static Duration stopTime(Spec spec) {
        if (spec instanceof ChildSpec child) {
            return child.stop().abandonAfter();
        }
        SupervisorSpec supervisor = (SupervisorSpec) spec;
        return supervisor
                .template()
                .map(Forecast::stopTime)
                .orElseGet(() ->
                        supervisor.children().stream().map(Forecast::stopTime).reduce(Duration.ZERO, Duration::plus));
    }

    /** How often a child may be started before the root gives up, if it ever does. */
    static long starts(SupervisorSpec root) {
        return root.children().stream()
                .mapToLong(child -> startsBeforeRising(child, root))
                .max()
                .orElse(1);
    }

    private static long startsBeforeRising(Spec child, SupervisorSpec parent) {
        long own = child instanceof SupervisorSpec supervisor ? starts(supervisor) : 1;
        boolean rises =
                parent.intensity().isPresent() || child.restart().onGiveUpUnder(parent.strategy()) != OnGiveUp.ISOLATE;
        if (!rises || child.restart().consecutiveFailures() == RestartRules.UNLIMITED) {
            return Long.MAX_VALUE;
        }
        long times = child.restart().consecutiveFailures() + 1L;
        return own > Long.MAX_VALUE / times ? Long.MAX_VALUE : own * times;
    }

    /** What is allowed, but hardly what was meant. */
    static List<String> warnings(SupervisorSpec root) {
        List<String> warnings = new ArrayList<>();
        collect(root, root.name(), warnings);
        return List.copyOf(warnings);
    }

    private static void collect(SupervisorSpec supervisor, String path, List<String> warnings) {
        for (Spec child : supervisor.children()) {
            warnAboutReset(child, path + "/" + child.name(), warnings);
            if (child instanceof SupervisorSpec nested) {
                collect(nested, path + "/" + child.name(), warnings);
            }
        }
        supervisor.template().ifPresent(template -> warnAboutReset(template, path + "/(template)", warnings));
    }

    private static void warnAboutReset(Spec child, String path, List<String> warnings) {
        Duration largest = child.restart().backoff().delay(Integer.MAX_VALUE);
        child.restart()
                .resetAfter()
                .filter(reset -> reset.compareTo(largest) < 0)
                .ifPresent(reset -> warnings.add("'"
                        + path + "': reset-after " + reset + " is below the largest delay of its backoff, " + largest
                        + ": a child that fails just after it is restarted for ever, at the first delay"));
    }
}
