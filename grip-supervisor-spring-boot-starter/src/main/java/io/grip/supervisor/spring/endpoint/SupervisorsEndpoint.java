package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.tree.ChildOperationException;
import io.grip.supervisor.tree.SupervisionTree;
import java.security.Principal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Answers what supervisors and trees do, and changes them where access permits writing; docs/endpoint.md is its contract.
 * Only on the web: its answers are those of HTTP. Safe for use by any thread; a write waits for what it has asked a tree
 * to do, for a few seconds at the most.
 */
@WebEndpoint(id = SupervisorsEndpoint.ID, defaultAccess = Access.READ_ONLY)
public final class SupervisorsEndpoint {

    /** The endpoint's id, and so the last part of its path. */
    public static final String ID = "supervisors";

    /** The part of a path after which there is the name of a supervisor of calls. */
    static final String CALLS = "calls";

    /** The part of a path after which there is the name of a tree, and perhaps the path of a child. */
    static final String TREES = "trees";

    private static final int NOT_FOUND = WebEndpointResponse.STATUS_NOT_FOUND;
    private static final int CONFLICT = 409;

    private final Supplier<List<Supervisor>> supervisors;
    private final Supplier<List<SupervisionTree>> trees;
    private final PolicyDesk policies;
    private final CallsView view;
    private final Changes changes;

    /**
     * An endpoint.
     *
     * @param supervisors those there are, asked for with each request
     * @param trees those there are, asked for with each request
     * @param listeners what hears of changes
     */
    public SupervisorsEndpoint(
            Supplier<List<Supervisor>> supervisors,
            Supplier<List<SupervisionTree>> trees,
            PolicyDesk policies,
            ObservedCalls calls,
            List<ChangeListener> listeners) {
        this.supervisors = supervisors;
        this.trees = trees;
        this.policies = policies;
        this.view = new CallsView(policies, calls);
        this.changes = new Changes(policies, listeners);
    }

    /** The types of all answers, for an ahead-of-time build. */
    public static List<Class<?>> answers() {
        return List.of(Answers.All.class, Answers.Calls.class, Answers.Child.class, Answers.Errors.class);
    }

    /** All supervisors and trees. */
    @ReadOperation
    public Object all(@Nullable Boolean stacks) {
        boolean withStacks = Boolean.TRUE.equals(stacks);
        return new Answers.All(
                supervisors.get().stream()
                        .sorted(Comparator.comparing(Supervisor::name))
                        .map(supervisor -> view.summary(supervisor, withStacks))
                        .toList(),
                trees.get().stream()
                        .sorted(Comparator.comparing(SupervisionTree::name))
                        .map(tree -> TreesView.whole(tree, withStacks))
                        .toList());
    }

    /** One of them, or a child of a tree. */
    @ReadOperation
    public WebEndpointResponse<?> one(
            @Selector(match = Selector.Match.ALL_REMAINING) String[] path, @Nullable Boolean stacks) {
        return find(path)
                .<WebEndpointResponse<?>>map(
                        found -> new WebEndpointResponse<>(found.show(Boolean.TRUE.equals(stacks))))
                .orElseGet(() -> new WebEndpointResponse<>(NOT_FOUND));
    }

    /** Changes one of them. */
    @WriteOperation
    public WebEndpointResponse<?> change(
            @Selector(match = Selector.Match.ALL_REMAINING) String[] path,
            String action,
            @Nullable Map<String, String> policy,
            SecurityContext security) {
        Target target = find(path).orElse(null);
        if (target == null) {
            return refused(NOT_FOUND, null, String.join("/", path), "There is no such supervisor, tree or child.");
        }
        Principal principal = security.getPrincipal();
        String by = principal == null ? null : principal.getName();
        try {
            target.change(action, policy, by);
            return new WebEndpointResponse<>(target.show(false));
        } catch (RefusedChangeException refused) {
            return new WebEndpointResponse<>(
                    new Answers.Errors(refused.problems()), WebEndpointResponse.STATUS_BAD_REQUEST);
        } catch (ChildOperationException impossible) {
            boolean missing = impossible.reason() == ChildOperationException.Reason.NOT_FOUND;
            return refused(missing ? NOT_FOUND : CONFLICT, "action", action, String.valueOf(impossible.getMessage()));
        } catch (IllegalStateException inNoState) {
            return refused(CONFLICT, "action", action, String.valueOf(inNoState.getMessage()));
        }
    }

    private static WebEndpointResponse<?> refused(int status, @Nullable String field, String value, String message) {
        return new WebEndpointResponse<>(
                new Answers.Errors(List.of(new RefusedChangeException.Problem(field, value, message))), status);
    }

    private Optional<? extends Target> find(String[] path) {
        if (path.length < 2) {
            return Optional.empty();
        }
        String[] rest = Arrays.copyOfRange(path, 1, path.length);
        return switch (path[0]) {
            case CALLS -> supervisor(String.join("/", rest)).map(Calls::new);
            case TREES -> tree(rest[0]).flatMap(tree -> Child.of(this, tree, rest));
            default -> Optional.empty();
        };
    }

    private Optional<Supervisor> supervisor(String name) {
        List<Supervisor> all = supervisors.get();
        return all.stream()
                .filter(supervisor -> supervisor.name().equals(name))
                .findFirst()
                .or(() -> all.stream()
                        .filter(supervisor -> policies.isSameName(supervisor.name(), name))
                        .findFirst());
    }

    private Optional<SupervisionTree> tree(String name) {
        return trees.get().stream().filter(tree -> tree.name().equals(name)).findFirst();
    }

    /** What a path leads to. */
    private interface Target {

        Object show(boolean stacks);

        void change(String action, @Nullable Map<String, String> policy, @Nullable String by);
    }

    private final class Calls implements Target {

        private final Supervisor supervisor;

        Calls(Supervisor supervisor) {
            this.supervisor = supervisor;
        }

        @Override
        public Object show(boolean stacks) {
            return view.whole(supervisor, stacks);
        }

        @Override
        public void change(String action, @Nullable Map<String, String> policy, @Nullable String by) {
            changes.of(supervisor, action, policy, by);
        }
    }

    private record Child(SupervisorsEndpoint endpoint, SupervisionTree tree, String path) implements Target {

        static Optional<Child> of(SupervisorsEndpoint endpoint, SupervisionTree tree, String[] names) {
            String path = String.join("/", Arrays.copyOfRange(names, 1, names.length));
            boolean there = path.isEmpty()
                    || tree.snapshot().all().anyMatch(child -> child.path().equals(path));
            return there ? Optional.of(new Child(endpoint, tree, path)) : Optional.empty();
        }

        @Override
        public Object show(boolean stacks) {
            return path.isEmpty() ? TreesView.whole(tree, stacks) : TreesView.child(tree, path, stacks);
        }

        @Override
        public void change(String action, @Nullable Map<String, String> policy, @Nullable String by) {
            endpoint.changes.of(tree, path, action, policy, by);
        }
    }
}
