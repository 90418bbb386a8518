package io.grip.supervisor.spring.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Supervisors whose attempts hang, when their context is destroyed. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DestructionTests {

    private static final List<String> NAMES = List.of("one", "two", "three", "four");

    private final ManualTime time = ManualTime.create();
    private final CountDownLatch free = new CountDownLatch(1);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SupervisorAutoConfiguration.class))
            .withBean(SupervisorCustomizer.class, () -> (name, builder) -> builder.time(time))
            .withPropertyValues(NAMES.stream()
                    .map(name -> "grip.supervisor.policies." + name + ".retry.max-attempts=1")
                    .toArray(String[]::new));

    @Test
    void closesAllAtOnceSoThatManyThatHangTakeNoLongerThanOne() {
        runner.run(context -> {
            List<Supervisor> supervisors = NAMES.stream()
                    .map(context.getBean(SupervisorRegistry.class)::get)
                    .toList();
            supervisors.forEach(this::hang);

            CompletableFuture<Void> closing = CompletableFuture.runAsync(context.getSourceApplicationContext()::close);
            // Nobody moves the clock: closed one after another, all but one would not be closed yet.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> supervisors.stream().allMatch(DestructionTests::isClosed));
            assertThat(closing).isNotDone();

            free.countDown();
            closing.get(60, TimeUnit.SECONDS);
        });
    }

    /** On a thread of its own, past all interrupts. */
    private void hang(Supervisor supervisor) {
        CountDownLatch hanging = new CountDownLatch(1);
        CompletableFuture.runAsync(
                () -> supervisor.run(context -> {
                    hanging.countDown();
                    while (free.getCount() > 0) {
                        Thread.onSpinWait();
                        Thread.yield();
                    }
                    return "late";
                }),
                command -> {
                    Thread thread = new Thread(command, "hanging in " + supervisor.name());
                    thread.setDaemon(true);
                    thread.start();
                });
        await().atMost(Duration.ofSeconds(60)).until(() -> hanging.getCount() == 0);
    }

    private static boolean isClosed(Supervisor supervisor) {
        return supervisor.run(context -> "value").failure() == FailureKind.SHUTDOWN;
    }

    @Test
    void closesTheSupervisorsOfPoliciesUnderARegistryOfTheApplicationToo() {
        Map<String, Supervisor> made = Map.of(
                "one", Supervisor.builder("one").build(),
                "two", Supervisor.builder("two").build(),
                "three", Supervisor.builder("three").build(),
                "four", Supervisor.builder("four").build());
        runner.withBean(SupervisorRegistry.class, () -> new SupervisorRegistry() {
                    @Override
                    public Supervisor get(String name) {
                        return made.get(name);
                    }

                    @Override
                    public Set<String> names() {
                        return made.keySet();
                    }

                    @Override
                    public Supervisor obtain(String name, String policy) {
                        return made.get(name);
                    }
                })
                .run(context ->
                        assertThat(context.getBeansOfType(Supervisor.class)).hasSize(4));

        assertThat(Stream.of("one", "two", "three", "four").map(made::get)).allMatch(DestructionTests::isClosed);
    }
}
