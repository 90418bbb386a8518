package io.grip.sample.shop.browser;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.FirstStart;
import io.grip.supervisor.tree.StopRules;
import io.grip.supervisor.tree.SupervisionTree;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** What the shop does not have, for the page to show: names that are meant ill, and a tree whose workers do as they are told. */
@TestConfiguration(proxyBeanMethods = false)
class TestSubjects {

    static final String MARKUP = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>'\"&lt;`${1}";
    static final String ENDLESS = "endless-" + "x".repeat(10_000 - "endless-".length());

    @Bean
    Supervisor hostile() {
        return Supervisor.builder(MARKUP).build();
    }

    @Bean
    Supervisor endless() {
        return Supervisor.builder(ENDLESS).build();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    SupervisionTree garden() {
        return SupervisionTree.builder("garden")
                .child(ChildSpec.of("bee", context -> new CountDownLatch(1).await())
                        .withStop(new StopRules(Duration.ZERO, Duration.ofSeconds(10), Optional.empty())))
                .child(ChildSpec.of("<b>wasp<b>", context -> {
                            throw new IllegalStateException(MARKUP);
                        })
                        .withFirstStart(FirstStart.RETRY)
                        .withBackoff(BackoffPolicy.fixed(Duration.ofHours(1))))
                .build();
    }
}
