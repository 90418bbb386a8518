package io.grip.supervisor.spring.event;

import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.TreeEvent;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.support.AbstractApplicationContext;

/** Publishes what happens in the trees of an application context there, as far as anybody listens. */
public final class TreeEventPublisher implements SmartInitializingSingleton {

    private final AbstractApplicationContext context;
    private final Supplier<List<SupervisionTree>> trees;
    private final Audience audience;

    /**
     * Publishes to the listeners of a context and of its parents.
     *
     * @param context where the trees are at home
     * @param trees asked once, when all beans have been made and nothing has been started
     */
    public TreeEventPublisher(AbstractApplicationContext context, Supplier<List<SupervisionTree>> trees) {
        this.context = context;
        this.trees = trees;
        this.audience = Audience.ofTrees(context);
    }

    @Override
    public void afterSingletonsInstantiated() {
        trees.get().forEach(tree -> tree.listen(event -> publish(tree.name(), event)));
    }

    private void publish(String tree, TreeEvent event) {
        if (audience.hears(event.getClass())) {
            context.publishEvent(new SupervisionTreeEvent<>(tree, event));
        }
    }
}
