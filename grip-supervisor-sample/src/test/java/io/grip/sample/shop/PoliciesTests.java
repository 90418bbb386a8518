package io.grip.sample.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The policies as {@code application.yml} ships them. */
class PoliciesTests {

    @Test
    void giveEachKindOfWorkADeadlineOfItsOwn() {
        new ApplicationContextRunner()
                .withInitializer(new ConfigDataApplicationContextInitializer())
                .withConfiguration(AutoConfigurations.of(SupervisorAutoConfiguration.class))
                .run(context -> {
                    SupervisorRegistry supervisors = context.getBean(SupervisorRegistry.class);
                    assertThat(supervisors.names())
                            .containsExactlyInAnyOrder("payment", "settlement", "stock", "receipt", "rates");
                    assertThat(supervisors.names())
                            .extracting(name -> supervisors.get(name).policy().deadline())
                            .doesNotHaveDuplicates()
                            .doesNotContain(DeadlinePolicy.none());
                });
    }
}
