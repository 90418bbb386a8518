package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Child;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Tree;
import io.grip.supervisor.spring.worker.WorkerBean;
import io.grip.supervisor.tree.RestartStrategy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which trees there are by the properties, and which workers have their place in which. Immutable. */
final class ConfiguredTrees {

    /** The tree of the workers that have no other place. */
    static final String DEFAULT = "workers";

    /**
     * One of them.
     *
     * @param keys under which it is written, in all spellings
     * @param values what is written
     */
    record Entry(String name, List<String> keys, Tree values) {

        /** Without children of its own it has those that have no place. */
        boolean takesAny() {
            return values.children() == null && values.strategy() != RestartStrategy.TEMPLATE;
        }
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    ConfiguredTrees(GripSupervisorProperties properties) {
        PolicyNames.grouped(properties.trees().keySet()).forEach((name, spellings) -> {
            Tree values = spellings.stream()
                    .map(spelling -> properties.trees().get(spelling))
                    .reduce(Tree::filledFrom)
                    .orElseThrow();
            List<String> keys = spellings.stream()
                    .map(spelling -> PolicySources.entry("trees", spelling))
                    .toList();
            entries.put(name, new Entry(name, keys, values));
        });
    }

    /**
     * The names of all trees.
     *
     * @param workers those there are
     */
    List<String> names(Iterable<String> workers) {
        List<String> names = new ArrayList<>(entries.keySet());
        if (homeOfOthers().isEmpty()) {
            for (String worker : workers) {
                if (placesOf(worker).isEmpty()) {
                    names.add(DEFAULT);
                    return names;
                }
            }
        }
        return names;
    }

    Entry get(String name) {
        Entry entry = entries.get(name);
        return entry != null
                ? entry
                : new Entry(name, List.of(PolicySources.entry("trees", name)), TreeProperties.Tree.NOTHING);
    }

    /**
     * The workers that have no place of their own and get one in this tree.
     *
     * @throws SupervisionConfigurationException if one has several places, or it is not clear which tree is theirs
     */
    List<WorkerBean> unplaced(String tree, Map<String, WorkerBean> workers) {
        List<WorkerBean> unplaced = new ArrayList<>();
        workers.forEach((name, worker) -> {
            List<String> places = placesOf(name);
            if (places.size() > 1) {
                throw new SupervisionConfigurationException(
                        "Worker '" + name + "' has more than one place.",
                        String.join("\n", places) + "\n" + worker.place(),
                        "Leave it in one of them; a second worker needs a bean or a method of its own.");
            }
            if (places.isEmpty()) {
                unplaced.add(worker);
            }
        });
        List<String> homes = entries.values().stream()
                .filter(Entry::takesAny)
                .map(Entry::name)
                .toList();
        if (!unplaced.isEmpty() && homes.size() > 1 && !homes.contains(DEFAULT)) {
            throw new SupervisionConfigurationException(
                    "Trees " + String.join(", ", homes) + " have no children of their own, so it is not clear which of"
                            + " them gets worker '" + unplaced.get(0).name() + "'.",
                    unplaced.get(0).place(),
                    "Give the worker a place in the children of one of them.");
        }
        return homeOfOthers().orElse(DEFAULT).equals(tree) ? unplaced : List.of();
    }

    /** The tree that takes workers without a place, if it is written. */
    private Optional<String> homeOfOthers() {
        if (entries.containsKey(DEFAULT)) {
            return Optional.of(DEFAULT);
        }
        return entries.values().stream()
                .filter(Entry::takesAny)
                .map(Entry::name)
                .findFirst();
    }

    private List<String> placesOf(String worker) {
        return entries.values().stream()
                .flatMap(entry ->
                        placesOf(worker, entry.values().children(), entry.keys().get(0)))
                .toList();
    }

    private static Stream<String> placesOf(String worker, @Nullable List<Child> children, String at) {
        List<String> places = new ArrayList<>();
        for (int i = 0; children != null && i < children.size(); i++) {
            String here = at + ".children[" + i + "]";
            if (worker.equals(children.get(i).worker())) {
                places.add(here);
            }
            placesOf(worker, children.get(i).children(), here).forEach(places::add);
        }
        return places.stream();
    }
}
