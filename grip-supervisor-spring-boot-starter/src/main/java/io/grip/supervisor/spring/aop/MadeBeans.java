package io.grip.supervisor.spring.aop;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;

/**
 * The names of the beans that the container makes, from the first on: those made before anything else could look at them,
 * and not those that are handed to it ready-made, as a test does with its mocks. Safe for use by any thread.
 */
public final class MadeBeans implements BeanDefinitionRegistryPostProcessor {

    private final Set<String> names = ConcurrentHashMap.newKeySet();

    /** Publishes that the start is over, and that nobody asks any more. */
    private volatile boolean closed;

    /** None so far. */
    public MadeBeans() {}

    /** Nothing to add; a processor of definitions comes before all others, and before the beans that those need. */
    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {}

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        beans.addBeanPostProcessor(new Recorder());
    }

    boolean contains(String name) {
        return names.contains(name);
    }

    /** Forgets them: the start is over. */
    void close() {
        closed = true;
        names.clear();
    }

    /** Put in place by hand, ahead of all post-processors that are beans. */
    private final class Recorder implements BeanPostProcessor {

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            if (!closed) {
                names.add(name);
            }
            return bean;
        }
    }
}
