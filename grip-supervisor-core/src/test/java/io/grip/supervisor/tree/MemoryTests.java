package io.grip.supervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That nothing is kept of children that are gone: each holds a large object, and the collector is asked about it. */
class MemoryTests {

    private static final int LARGE = 1_000_000;

    private final Crowd crowd = new Crowd();
    private final List<WeakReference<Object>> large = new ArrayList<>();

    private Worker workerWithALargeArgument() {
        byte[] argument = new byte[LARGE];
        large.add(new WeakReference<>(argument));
        return context -> assertThat(argument).hasSize(LARGE);
    }

    private static ChildSpec child(String name, Worker worker) {
        return ChildSpec.of(name, worker)
                .withSettle(Duration.ZERO)
                .withRestart(RestartPolicy.NEVER)
                .withBackoff(BackoffPolicy.none())
                .withStop(Duration.ZERO, Duration.ofSeconds(1));
    }

    private void assertNothingIsKept() {
        crowd.settle();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return large.stream().allMatch(each -> each.get() == null);
        });
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    @DisplayName("30: temporary children with large arguments come and go: the tree keeps nothing of them")
    void nothingIsKeptOfTemporaryChildren(boolean ofTemplate, boolean fails) {
        SupervisionTree tree = crowd.tree(builder -> {
            if (ofTemplate) {
                builder.template(child("t", context -> {}), 1_000);
            } else {
                builder.child(child("resident", context -> {}));
            }
        });
        crowd.result(tree.startAsync());
        for (int i = 0; i < 200; i++) {
            CompletionStage<ChildHandle> begun = ofTemplate
                    ? tree.spawn("", workerWithALargeArgument())
                    : tree.add("", child("c" + i, workerWithALargeArgument()));
            crowd.result(begun);
        }
        assertThat(tree.snapshot().active()).isEqualTo(ofTemplate ? 200 : 201);

        crowd.alive().stream()
                .skip(ofTemplate ? 0 : 1)
                .forEach(each -> each.end(fails ? new IOException("down") : null));

        assertThat(tree.snapshot().children()).hasSize(ofTemplate ? 0 : 1);
        assertNothingIsKept();
    }

    @Test
    @DisplayName("30: who keeps the handle of one child does not keep those that came and went after it")
    void aKeptHandleKeepsNoOtherChild() {
        SupervisionTree tree = crowd.tree(builder -> builder.template(child("t", context -> {}), 1_000));
        crowd.result(tree.startAsync());
        ChildHandle kept = crowd.result(tree.spawn("", context -> {}));
        ChildHandle before = kept;
        for (int i = 0; i < 10; i++) {
            ChildHandle after = crowd.result(tree.spawn("", workerWithALargeArgument()));
            crowd.result(tree.stopChild(before));
            before = after;
        }
        crowd.result(tree.stopChild(before));
        before = kept;

        assertNothingIsKept();
        assertThat(crowd.result(tree.ended(kept)).state()).isEqualTo(ChildState.STOPPED);
    }

    @Test
    @DisplayName("rule 2.8.1: nothing is kept of a child that was removed while it waited for its turn")
    void nothingIsKeptOfAChildThatWaitedForItsTurn() {
        TreeLimits none = TreeLimits.of(1, 1, 1, 8);
        SupervisionTree tree = crowd.tree(builder ->
                builder.limits(none).child(child("first", context -> {}).withRestart(RestartPolicy.ALWAYS)));
        crowd.result(tree.startAsync());
        crowd.result(tree.add("", child("second", workerWithALargeArgument()).withRestart(RestartPolicy.ALWAYS)));
        List<Crowd.Member> both = crowd.alive();
        both.forEach(each -> each.end(new IOException("down")));
        both = List.of();
        assertThat(none.waiting()).isEqualTo(1);

        crowd.result(tree.removeChild("second"));

        assertThat(none.waiting()).isZero();
        assertThat(crowd.time.pendingTimers()).isZero();
        assertNothingIsKept();
    }
}
