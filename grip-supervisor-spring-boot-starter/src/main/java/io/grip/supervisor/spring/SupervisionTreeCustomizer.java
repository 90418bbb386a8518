package io.grip.supervisor.spring;

import io.grip.supervisor.tree.SupervisionTree;

/**
 * Changes how the library builds supervision trees. Beans of this type are called in their order for each tree of
 * {@code grip.supervisor.trees} before it is built; a tree that the application builds itself does not pass them.
 */
@FunctionalInterface
public interface SupervisionTreeCustomizer {

    /**
     * Changes one tree.
     *
     * @param name of its root
     * @param builder with everything from the properties set, children included
     */
    void customize(String name, SupervisionTree.Builder builder);
}
