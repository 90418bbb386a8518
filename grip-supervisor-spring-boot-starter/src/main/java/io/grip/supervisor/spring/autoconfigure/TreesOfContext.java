package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.tree.SupervisionTree;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** The trees that are beans of one application context, not those of its parents. */
final class TreesOfContext {

    private TreesOfContext() {}

    static List<SupervisionTree> in(ConfigurableListableBeanFactory beans) {
        return Stream.of(beans.getBeanNamesForType(SupervisionTree.class, false, false))
                .map(name -> beans.getBean(name, SupervisionTree.class))
                .toList();
    }
}
