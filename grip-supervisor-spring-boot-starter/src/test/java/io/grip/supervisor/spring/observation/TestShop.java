package io.grip.supervisor.spring.observation;

import io.grip.supervisor.spring.autoconfigure.SupervisedMethodAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorObservationAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The shop in a context, with three attempts and no wait between them. */
final class TestShop {

    private TestShop() {}

    static ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        AopAutoConfiguration.class,
                        TaskExecutionAutoConfiguration.class,
                        SupervisorAutoConfiguration.class,
                        SupervisedMethodAutoConfiguration.class,
                        SupervisorObservationAutoConfiguration.class))
                .withBean(Shop.class)
                .withPropertyValues(
                        "grip.supervisor.policies.shop.retry.backoff.type=none",
                        "grip.supervisor.policies.own.retry.backoff.type=none",
                        "grip.supervisor.policies.own.thread=own");
    }
}
