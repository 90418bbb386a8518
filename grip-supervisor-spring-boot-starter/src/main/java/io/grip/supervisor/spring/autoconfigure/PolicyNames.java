package io.grip.supervisor.spring.autoconfigure;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Names of policies: two that have the same letters and digits are the same name. Environment variables can say nothing
 * else, and so bring spellings of their own: {@code MYPOL} is an entry {@code mypol} beside the file's {@code my-pol}.
 */
final class PolicyNames {

    private PolicyNames() {}

    /** What is the same for all spellings of a name: its letters and digits, in lower case. */
    static String canonical(String name) {
        return name.codePoints()
                .filter(Character::isLetterOrDigit)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .toLowerCase(Locale.ROOT);
    }

    static boolean same(String one, String other) {
        return canonical(one).equals(canonical(other));
    }

    /** The spellings of each name, by the one to show, in alphabetical order. */
    static Map<String, List<String>> grouped(Collection<String> spellings) {
        Map<String, List<String>> byCanonical = spellings.stream()
                .collect(Collectors.groupingBy(PolicyNames::canonical, LinkedHashMap::new, Collectors.toList()));
        Map<String, List<String>> byShown = new TreeMap<>();
        byCanonical.forEach((canonical, same) -> byShown.put(shown(canonical, same), same));
        return byShown;
    }

    /** The first spelling that an environment variable cannot have brought, if there is one. */
    private static String shown(String canonical, List<String> spellings) {
        return spellings.stream()
                .filter(spelling -> !spelling.equals(canonical))
                .findFirst()
                .orElse(canonical);
    }
}
