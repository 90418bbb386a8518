package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.lifecycle.TreeLifecycle;
import io.grip.supervisor.spring.worker.WorkerBeans;
import io.grip.supervisor.tree.SupervisionTree;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.env.Environment;

/**
 * Registers each tree of the properties as a bean, {@code gripTree.<name>} with the name as qualifier, and a lifecycle for
 * each tree, those that the application declares itself included.
 *
 * <p>This runs at every start, in an ahead-of-time build too: the definitions are left out of what is generated, so that
 * the trees are those of the environment at run time.
 */
final class TreeBeans implements BeanDefinitionRegistryPostProcessor {

    static final String TREE = "gripTree.";
    private static final String LIFECYCLE = "gripTreeLifecycle.";

    private final Environment environment;

    TreeBeans(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        if (!(registry instanceof ConfigurableListableBeanFactory beans)) {
            return;
        }
        for (String bean : beans.getBeanNamesForType(SupervisionTree.class, true, false)) {
            if (registry.containsBeanDefinition(bean)) {
                registerLifecycle(registry, beans, bean, false);
            }
        }
        for (String tree : names(beans)) {
            register(registry, TREE + tree, tree(beans, tree));
            registerLifecycle(registry, beans, TREE + tree, true);
        }
    }

    private List<String> names(ConfigurableListableBeanFactory beans) {
        return new ConfiguredTrees(GripSupervisorProperties.readable(environment))
                .names(new WorkerBeans(beans).byName().keySet());
    }

    private static RootBeanDefinition tree(ConfigurableListableBeanFactory beans, String tree) {
        RootBeanDefinition definition = definition(
                SupervisionTree.class,
                () -> beans.getBean(SupervisionTrees.class).build(tree));
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, tree));
        definition.setDestroyMethodName("close");
        return definition;
    }

    private static void registerLifecycle(
            BeanDefinitionRegistry registry, ConfigurableListableBeanFactory beans, String tree, boolean ours) {
        String name = LIFECYCLE + tree.substring(ours ? TREE.length() : 0);
        RootBeanDefinition definition = definition(
                TreeLifecycle.class, () -> beans.getBean(SupervisionTrees.class).lifecycle(ours, tree, name));
        definition.setDependsOn(tree);
        register(registry, name, definition);
    }

    private static <T> RootBeanDefinition definition(Class<T> type, Supplier<T> instance) {
        RootBeanDefinition definition = new RootBeanDefinition(type, instance);
        definition.setLazyInit(false);
        definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
        return definition;
    }

    private static void register(BeanDefinitionRegistry registry, String name, RootBeanDefinition definition) {
        if (!registry.containsBeanDefinition(name)) {
            registry.registerBeanDefinition(name, definition);
        }
    }
}
