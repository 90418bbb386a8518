package io.grip.supervisor.tree;

import io.grip.supervisor.time.Nanos;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A spec with everything reckoned that needs code of the user's (a backoff policy may be), so that the owner's thread
 * never has to. Immutable, and made on the thread of whoever brings the spec.
 */
final class Plan {

    final Spec spec;
    final Delays delays;
    final long resetAfter;
    final List<Plan> children;
    final @Nullable Plan template;

    private Plan(Spec spec, Delays delays, long resetAfter, List<Plan> children, @Nullable Plan template) {
        this.spec = spec;
        this.delays = delays;
        this.resetAfter = resetAfter;
        this.children = children;
        this.template = template;
    }

    /**
     * Reckons a spec and all below it.
     *
     * @throws IllegalArgumentException if an intensity in it can never be exceeded, or a backoff is out of range
     */
    static Plan of(Spec spec) {
        Delays delays = Delays.of(spec.restart());
        long resetAfter = Nanos.of(spec.restart().healthyAfter());
        if (spec instanceof SupervisorSpec supervisor) {
            List<Plan> children = supervisor.children().stream().map(Plan::of).toList();
            Reachability.complaint(supervisor, children).ifPresent(complaint -> {
                throw new IllegalArgumentException(complaint);
            });
            Plan template = supervisor.template().map(Plan::of).orElse(null);
            return new Plan(spec, delays, resetAfter, children, template);
        }
        return new Plan(spec, delays, resetAfter, List.of(), null);
    }

    /** This plan, of a template, for one child. */
    Plan instance(String name, Worker worker) {
        ChildSpec template = (ChildSpec) spec;
        return new Plan(template.withName(name).withWorker(worker), delays, resetAfter, List.of(), null);
    }
}
