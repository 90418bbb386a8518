package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.spring.SupervisedWorker;
import io.grip.supervisor.tree.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What someone reads who starts an application with a mistake about its workers. */
@ExtendWith(OutputCaptureExtension.class)
class TreeStartFailureTests {

    @TempDir
    private Path directory;

    @Test
    void aMisspeltKeyIsShownWithItsPlaceAndWithWhatItWasMeantToBe(CapturedOutput output) {
        fails("""
                grip.supervisor.trees:
                  shop:
                    stratgy: one-for-all
                    children:
                      - worker: outbox
                        hartbeat: 5s
                        grace: 1s
                """);

        assertThat(output)
                .contains("Unknown keys under 'grip.supervisor':")
                .contains("did you mean 'grip.supervisor.trees.shop.strategy'?")
                .contains("application.yml] - 3:14")
                .contains("did you mean 'grip.supervisor.trees.shop.children[0].heartbeat'?")
                .contains("did you mean 'grip.supervisor.trees.shop.children[0].stop.grace'?");
    }

    /** Boot itself does not see these. */
    @Test
    void aMisspeltKeyBelowALaterElementOfAListIsShownToo(CapturedOutput output) {
        fails("""
                grip.supervisor.trees:
                  shop:
                    children:
                      - worker: outbox
                      - name: inner
                        children:
                          - worker: sweeper
                            restart: {consecutive-failure: 3}
                            grace: 1s
                """);

        assertThat(output)
                .contains("did you mean"
                        + " 'grip.supervisor.trees.shop.children[1].children[0].restart.consecutive-failures'?")
                .contains("application.yml] - 8:44")
                .contains("did you mean 'grip.supervisor.trees.shop.children[1].children[0].stop.grace'?");
    }

    @Test
    void anUnknownWorkerIsAnsweredWithTheNearestKnownOne(CapturedOutput output) {
        fails("""
                grip.supervisor.trees.shop.children:
                  - outbx
                """);

        assertThat(output)
                .contains("There is no worker 'outbx'; the nearest known one is 'outbox'.")
                .contains("Known workers: outbox, sweeper");
    }

    @Test
    void everyRangeIsChecked(CapturedOutput output) {
        failsWith(output, "restart: {jitter: 1.5}", "Child 'shop/outbox': jitter must be between 0.0 and 1.0");
        assertThat(output)
                .contains("grip.supervisor.trees.shop.children[0].restart.jitter: 1.5")
                .contains("application.yml] - 1:");
        failsWith(output, "restart: {consecutive-failures: -1}", "consecutive-failures must be at least 0, but is -1");
        failsWith(output, "restart: {reset-after: 0s}", "reset-after must be more than zero, but is PT0S");
        failsWith(output, "restart: {revive-after: -1s}", "revive-after must be more than zero, but is PT-1S");
        failsWith(output, "restart: {backoff: {multiplier: 0}}", "backoff multiplier must be between 1.0 and");
        failsWith(output, "start: {timeout: 0s}", "start-timeout must be more than zero");
        failsWith(output, "start: {settle: -1s}", "settle must be zero or more");
        failsWith(
                output,
                "stop: {grace: 5s, abandon-after: 1s}",
                "abandon-after must not be below grace",
                "grip.supervisor.trees.shop.children[0].stop.grace: 5s");
        failsWith(output, "heartbeat: 0s", "heartbeat must be more than zero");
        failsWith(output, "name: a/b", "child name must not be blank nor contain '/'");
        failsTree(
                output, "{phase: early}", "'early' is not a whole number up to 2147483647, nor 'intake' or 'service'");
        failsTree(output, "{root-action: {deadline: 0s}}", "deadline must be more than zero");
        failsTree(output, "{out-of-service-after: 0}", "out-of-service-after must be at least 1, but is 0");
        failsTree(output, "{strategy: template, max-children: 0}", "max-children must be at least 1, but is 0");
        failsTree(output, "{max-children: 3}", "template and max-children are for the strategy template");
        failsTree(output, "{intensity: {max-restarts: 3}}", "intensity needs both max-restarts and period");
        fails("grip.supervisor.tree-limits.burst: 0");
        assertThat(output)
                .contains("Limits of 'all trees': burst must be at least 1, but is 0.")
                .contains("grip.supervisor.tree-limits.burst: 0");
    }

    @Test
    void aLimitThatCanNeverBeReachedIsRefused(CapturedOutput output) {
        failsTree(
                output,
                "{intensity: {max-restarts: 50, period: 5s}, children: [outbox, sweeper]}",
                "Tree 'shop': the intensity of supervisor 'shop', max-restarts 50 within period PT5S, can never be"
                        + " exceeded");
    }

    @Test
    void aWorkerWithTwoPlacesIsRefused(CapturedOutput output) {
        failsTree(
                output,
                "{children: [outbox, {worker: outbox, name: again}, sweeper]}",
                "Worker 'outbox' has more than one place.",
                "grip.supervisor.trees.shop.children[0]",
                "grip.supervisor.trees.shop.children[1]");
    }

    @Test
    void aChildThatIsNothingIsRefused(CapturedOutput output) {
        failsTree(output, "{children: [{heartbeat: 3s}]}", "a child is neither a worker nor a supervisor with a name.");
        failsTree(output, "{children: [{name: empty}]}", "it has neither a worker nor children.");
        failsTree(
                output,
                "{children: [{worker: outbox, strategy: rest-for-one}]}",
                "it has a worker and is a supervisor of children too.");
        failsTree(
                output,
                "{children: [{name: group, heartbeat: 1s, children: [outbox]}]}",
                "start, stop and heartbeat are rules of a worker, and this is a supervisor.");
        failsTree(output, "{children: [outbox, {worker: sweeper, name: outbox}]}", "two children named 'outbox'");
    }

    @Test
    void aWorkerThatDoesNotStartIsNamedWithItsFailure(CapturedOutput output) {
        // However long it takes to fail.
        String settle = "grip.supervisor.trees.workers.defaults.start.settle: 1m";
        assertThatThrownBy(() -> start(settle, FailsAtOnce.class)).isNotNull();

        assertThat(output)
                .contains("A worker did not start, so the application does not either.")
                .contains("child 'failing' did not start")
                .contains("Caused by: java.lang.IllegalStateException: no such queue")
                .contains("@SupervisedWorker(optional = true), or start.first: retry");
    }

    @Test
    void anOptionalWorkerThatDoesNotStartKeepsNobodyFromStarting() throws IOException {
        start("grip.supervisor.trees.workers.children: [{worker: failing, start: {first: retry}}]", FailsAtOnce.class);
    }

    @Test
    void methodsThatCannotBeCalledAreRefused(CapturedOutput output) {
        assertThatThrownBy(() -> start("", Returns.class)).isNotNull();
        assertThat(output).contains("@SupervisedWorker on a method that returns String");
        assertThatThrownBy(() -> start("", Takes.class)).isNotNull();
        assertThat(output).contains("@SupervisedWorker on a method that takes something else than a WorkerContext.");
        assertThatThrownBy(() -> start("", Hidden.class)).isNotNull();
        assertThat(output).contains("@SupervisedWorker on a method that is private.");
        assertThatThrownBy(() -> start("", BadHeartbeat.class)).isNotNull();
        assertThat(output).contains("must be a duration of more than zero, such as 30s, but is 'soon'");
        assertThatThrownBy(() -> start("", Twins.class)).isNotNull();
        assertThat(output).contains("Two workers are called 'twin'.");
    }

    private void failsWith(CapturedOutput output, String child, String... texts) {
        failsTree(output, "{children: [{worker: outbox, " + child + "}, sweeper]}", texts);
    }

    private void failsTree(CapturedOutput output, String tree, String... texts) {
        fails("grip.supervisor.trees: {shop: " + tree + "}");
        assertThat(output).contains(texts);
    }

    private void fails(String yaml) {
        assertThatThrownBy(() -> start(yaml, Workers.class)).isNotNull();
    }

    private void start(String yaml, Class<?> workers) throws IOException {
        Path file = Files.writeString(directory.resolve("application.yml"), yaml);
        new SpringApplicationBuilder(App.class)
                .sources(workers)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .build()
                .run("--spring.main.banner-mode=off", "--spring.config.location=" + file.toUri())
                .close();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        SupervisorAutoConfiguration.class,
        SupervisionTreeAutoConfiguration.class,
        SupervisionHealthAutoConfiguration.class
    })
    static class App {}

    @Configuration(proxyBeanMethods = false)
    static class Workers {
        @Bean
        Worker outbox() {
            return context -> {};
        }

        @Bean
        @SupervisedWorker("sweeper")
        Worker other() {
            return context -> {};
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class FailsAtOnce {
        @SupervisedWorker("failing")
        void fail() {
            throw new IllegalStateException("no such queue");
        }
    }

    static class Returns {
        @SupervisedWorker
        String work() {
            return "";
        }
    }

    static class Takes {
        @SupervisedWorker
        void work(String what) {}
    }

    static class Hidden {
        @SupervisedWorker
        private void work() {}
    }

    static class BadHeartbeat {
        @SupervisedWorker(heartbeat = "soon")
        void work() {}
    }

    static class Twins {
        @SupervisedWorker("twin")
        void one() {}

        @SupervisedWorker("twin")
        void other() {}
    }
}
