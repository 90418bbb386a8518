package io.grip.supervisor.spring.event;

import io.grip.supervisor.tree.TreeEvent;
import org.springframework.core.ResolvableType;
import org.springframework.core.ResolvableTypeProvider;

/**
 * Something that happened in a supervision tree, published to the application's listeners.
 *
 * <p>A listener names the kind it wants, {@code @EventListener void on(SupervisionTreeEvent<TreeEvent.GaveUp> event)}, or
 * {@code SupervisionTreeEvent<?>} for all of them. It runs apart from the workers, on the thread that delivers the events of
 * its tree one after another: what takes long belongs on another thread, for while it runs others wait, and when too many
 * do, some are dropped and counted. An event that nobody listens to is never made.
 *
 * @param <E> what kind of thing happened
 * @param tree the name of the tree
 * @param happened what happened
 */
public record SupervisionTreeEvent<E extends TreeEvent>(String tree, E happened) implements ResolvableTypeProvider {

    @Override
    public ResolvableType getResolvableType() {
        return ResolvableType.forClassWithGenerics(SupervisionTreeEvent.class, happened.getClass());
    }
}
