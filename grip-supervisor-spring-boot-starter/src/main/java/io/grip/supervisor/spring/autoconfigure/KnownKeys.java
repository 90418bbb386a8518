package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Child;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Tree;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** The keys that exist, read off the properties record, to say what one that does not exist was meant to be. */
final class KnownKeys {

    private static final ConfigurationPropertyName PREFIX =
            ConfigurationPropertyName.of(GripSupervisorProperties.PREFIX);
    private static final String POLICIES = "policies";
    private static final String TREES = "trees";

    private static final Pattern IN_TREE = Pattern.compile("trees\\.[^.]+(\\.children\\[\\d+])*");
    private static final Set<Class<?>> GROUPS = Set.of(GripSupervisorProperties.class, TreeProperties.class);

    private KnownKeys() {}

    /** What to say about a key that does not exist: which one it may have been meant to be, else those that are there. */
    static String hint(ConfigurationPropertyName unknown) {
        List<String> elements = new ArrayList<>();
        for (int index = PREFIX.getNumberOfElements(); index < unknown.getNumberOfElements(); index++) {
            elements.add(unknown.getElement(index, Form.ORIGINAL));
        }
        if (elements.size() > 2 && elements.get(0).equals(POLICIES)) {
            return hintInPolicy(POLICIES + "." + elements.get(1), elements.subList(1, elements.size()));
        }
        if (elements.size() > 2 && elements.get(0).equals(TREES)) {
            return hint(TREES + "." + elements.get(1), elements.subList(2, elements.size()), Tree.class);
        }
        if (elements.size() > 1 && elements.get(0).equals(ConfiguredPolicies.DEFAULTS)) {
            return hint(ConfiguredPolicies.DEFAULTS, elements.subList(1, elements.size()), Policy.class);
        }
        return hint("", elements, GripSupervisorProperties.class);
    }

    /** Whether a key of a tree exists; it begins with that of all trees. */
    static boolean existsInTree(ConfigurationPropertyName key) {
        Class<?> type = Tree.class;
        int last = key.getNumberOfElements() - 1;
        for (int index = PREFIX.getNumberOfElements() + 2; index <= last; index++) {
            String element = key.getElement(index, Form.ORIGINAL);
            Optional<? extends Class<?>> below = keysOf(type).entrySet().stream()
                    .filter(known -> PolicyNames.same(known.getKey(), element))
                    .map(Map.Entry::getValue)
                    .findFirst();
            if (below.isEmpty()) {
                return false;
            }
            type = below.get();
            if (type == List.class) {
                type = Child.class;
                index++;
            }
        }
        return true;
    }

    private static String hintInPolicy(String root, List<String> nameAndPath) {
        List<String> path = nameAndPath.subList(1, nameAndPath.size());
        String tail = String.join(".", path.subList(1, path.size()));
        if (leavesOf(Policy.class).stream().anyMatch(leaf -> PolicyNames.same(leaf, tail))) {
            return didYouMean(POLICIES + ".[" + nameAndPath.get(0) + "." + path.get(0) + "]." + tail)
                    + " A name with a dot needs brackets.";
        }
        return hint(root, path, Policy.class);
    }

    private static String hint(String root, List<String> path, Class<?> group) {
        Map<String, Class<?>> keys = keysOf(group);
        String element = path.get(0);
        List<String> rest = path.subList(1, path.size());
        Optional<String> key = keys.keySet().stream()
                .filter(known -> PolicyNames.same(known, element))
                .findFirst();
        if (key.isPresent() && rest.size() > 1 && keys.get(key.get()) == List.class) {
            return hint(join(root, key.get()) + "[" + rest.get(0) + "]", rest.subList(1, rest.size()), Child.class);
        }
        if (key.isPresent() && !rest.isEmpty()) {
            return hint(join(root, key.get()), rest, keys.getOrDefault(key.get(), Void.class));
        }
        return Nearest.slipOf(element, keys.keySet())
                .map(slip -> join(join(root, slip), String.join(".", rest)))
                .or(() -> inAnotherGroup(root, path.get(path.size() - 1)))
                .map(KnownKeys::didYouMean)
                .orElseGet(() -> keys.isEmpty()
                        ? "there are no keys below '" + join(PREFIX.toString(), root) + "'"
                        : "known here: " + String.join(", ", keys.keySet()));
    }

    /** The right word in the wrong place of a policy, a tree or a child. */
    private static Optional<String> inAnotherGroup(String root, String word) {
        if (root.isEmpty()) {
            return Optional.empty();
        }
        Matcher inTree = IN_TREE.matcher(root);
        if (inTree.lookingAt()) {
            String owner = inTree.group();
            return inAnotherGroup(owner, word, owner.endsWith("]") ? Child.class : Tree.class);
        }
        int nameEnd = root.startsWith(POLICIES + ".") ? root.indexOf('.', POLICIES.length() + 1) : root.indexOf('.');
        return inAnotherGroup(nameEnd < 0 ? root : root.substring(0, nameEnd), word, Policy.class);
    }

    private static Optional<String> inAnotherGroup(String owner, String word, Class<?> type) {
        return leavesOf(type).stream()
                .filter(leaf -> PolicyNames.same(leaf.substring(leaf.lastIndexOf('.') + 1), word))
                .min(Comparator.comparingInt(String::length))
                .map(leaf -> join(owner, leaf));
    }

    private static String didYouMean(String key) {
        return "did you mean '" + join(PREFIX.toString(), key) + "'?";
    }

    private static String join(String path, String next) {
        return path.isEmpty() || next.isEmpty() ? path + next : path + "." + next;
    }

    static List<String> leavesOf(Class<?> group) {
        return keysOf(group).entrySet().stream()
                .flatMap(key ->
                        key.getValue().isRecord() && !keysOf(key.getValue()).isEmpty()
                                ? leavesOf(key.getValue()).stream().map(leaf -> join(key.getKey(), leaf))
                                : Stream.of(key.getKey()))
                .toList();
    }

    static boolean isGroup(Class<?> type) {
        return type == GripSupervisorProperties.class
                || type.isRecord() && type.isMemberClass() && GROUPS.contains(type.getDeclaringClass());
    }

    /** The keys of a group and what they hold, in their order; none for anything but a group. */
    static Map<String, Class<?>> keysOf(Class<?> group) {
        Map<String, Class<?>> keys = new LinkedHashMap<>();
        if (isGroup(group)) {
            for (RecordComponent component : group.getRecordComponents()) {
                keys.put(DataObjectPropertyName.toDashedForm(component.getName()), component.getType());
            }
        }
        return keys;
    }
}
