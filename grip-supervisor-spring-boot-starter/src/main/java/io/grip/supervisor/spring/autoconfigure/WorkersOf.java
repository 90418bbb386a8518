package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.worker.WorkerBean;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.Spec;
import io.grip.supervisor.tree.SupervisorSpec;
import java.util.stream.Stream;

/** The workers that stand in a spec, at any depth. */
final class WorkersOf {

    private WorkersOf() {}

    static Stream<WorkerBean> spec(Spec spec) {
        return spec instanceof SupervisorSpec supervisor
                ? supervisor.children().stream().flatMap(WorkersOf::spec)
                : Stream.of(((ChildSpec) spec).worker())
                        .filter(WorkerBean.class::isInstance)
                        .map(WorkerBean.class::cast);
    }
}
