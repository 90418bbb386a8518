package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.tree.ChildOperationException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TemplateTests {

    private static Play template(int maxChildren) {
        return Play.of(builder -> builder.template(child("t"), maxChildren)).start();
    }

    @Test
    @DisplayName("15: a template's children are refused by path, served by handle, dead or alive")
    void addressesChildrenByHandle() {
        Play play = template(10);
        ChildHandle handle = play.result(play.tree.spawn("", context -> {}));

        StartTests.assertRefused(play.tree.stopChild(handle.path()).toCompletableFuture(), play, Reason.NOT_BY_PATH);
        StartTests.assertRefused(play.tree.restartChild(handle.path()).toCompletableFuture(), play, Reason.NOT_BY_PATH);
        StartTests.assertRefused(play.tree.add("", child("x")).toCompletableFuture(), play, Reason.NOT_BY_PATH);
        play.await(play.tree.stopChild(handle)).await(play.tree.stopChild(handle));

        assertThat(play.tree.snapshot().children()).isEmpty();
        assertThat(play.result(play.tree.ended(handle)).state()).isEqualTo(ChildState.STOPPED);
    }

    @Test
    void spawningNeedsATemplate() {
        Play play = Play.of(builder -> {}).start();

        StartTests.assertRefused(play.tree.spawn("", context -> {}).toCompletableFuture(), play, Reason.NOT_BY_PATH);
    }

    @Test
    @DisplayName("39: one of two fails: the other is untouched, and the replacement is the same worker")
    void restartsOnlyTheFailedChildWithItsOwnWorker() {
        Play play = template(10);
        Worker mine = context -> {};
        ChildHandle first = play.result(play.tree.spawn("", mine));
        ChildHandle second = play.result(play.tree.spawn("", context -> {}));

        play.actor(first.path()).fail();
        play.advance(Duration.ofMillis(200));

        assertThat(play.actor(first.path()).incarnation.node.spec.worker()).isSameAs(mine);
        assertThat(play.started(first.path())).isEqualTo(2);
        assertThat(play.started(second.path())).isEqualTo(1);
    }

    @Test
    @DisplayName("83: a template's child that is restarting is stopped, and gone, by the handle it always had")
    void aChildThatBacksOffIsStoppedByItsHandle() {
        Play play = template(10);
        ChildHandle handle = play.result(play.tree.spawn("", context -> {}));
        play.actor(handle.path()).fail();

        play.await(play.tree.stopChild(handle));
        play.advance(Duration.ofHours(1));

        assertThat(play.tree.snapshot().children()).isEmpty();
        assertThat(play.cast).hasSize(1);
    }

    @Test
    @DisplayName("84: children that wait for a restart count, towards the limit too")
    void countsChildrenThatWaitForARestart() {
        Play play = template(3);
        List<ChildHandle> handles = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            handles.add(play.result(play.tree.spawn("", context -> {})));
        }
        play.actor(handles.get(0).path()).fail();
        play.actor(handles.get(1).path()).fail();
        assertThat(play.tree.snapshot().children()).hasSize(3);
        assertThat(play.tree.snapshot().active()).isEqualTo(1);
        StartTests.assertRefused(play.tree.spawn("", context -> {}).toCompletableFuture(), play, Reason.TOO_MANY);

        play.advance(Duration.ofMillis(200));
        assertThat(play.tree.snapshot().active()).isEqualTo(3);
        for (int left = 2; left >= 0; left--) {
            play.await(play.tree.stopChild(handles.get(left)));
            assertThat(play.tree.snapshot().children()).hasSize(left);
        }
    }

    @Test
    @DisplayName("107: children by the thousand come and go, counted exactly, and nothing is left of them")
    void countsExactlyByTheThousand() {
        Play play = template(Integer.MAX_VALUE);
        for (int total : new int[] {1_000, 2_000}) {
            List<CompletableFuture<ChildHandle>> spawned = new ArrayList<>();
            while (play.cast.size() < total) {
                spawned.add(play.tree.spawn("", context -> {}).toCompletableFuture());
            }
            play.settle();
            assertThat(spawned).allMatch(CompletableFuture::isDone);
            assertThat(play.tree.snapshot().active()).isEqualTo(total);
        }

        play.cast.forEach(actor -> play.tree.stopChild(new ChildHandle(actor.incarnation.node)));
        play.settle();

        assertThat(play.tree.snapshot().children()).isEmpty();
        assertThat(play.alive()).isEmpty();
        assertThat(play.time.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("87: of a template's children the one that does not end is abandoned and named, the others end")
    void aHungChildIsAbandonedAndNamed() {
        Play play = Play.of(builder ->
                        builder.template(child("t").withStop(Duration.ofSeconds(1), Duration.ofSeconds(2)), 10))
                .start();
        List.of("1", "2", "3").forEach(path -> play.await(play.tree.spawn("", context -> {})));
        play.manner("2", Play.Manner.STUBBORN);

        CompletableFuture<StopReport> stopped = play.tree.stopAsync().toCompletableFuture();
        play.advance(Duration.ofSeconds(2));

        assertThat(play.result(stopped).leftBehind())
                .extracting(StopReport::path)
                .containsExactly("2");
        assertThat(play.actor("1").interrupts + play.actor("3").interrupts).isZero();
    }

    @Test
    @DisplayName("88: a template's children without grace are interrupted at once")
    void withoutGraceTheyAreInterruptedAtOnce() {
        Play play = Play.of(builder -> builder.template(child("t").withStop(Duration.ZERO, Duration.ofSeconds(1)), 10))
                .start();
        List.of("1", "2").forEach(path -> {
            play.await(play.tree.spawn("", context -> {}));
            play.manner(path, Play.Manner.NEEDS_INTERRUPT);
        });

        assertThat(play.stop().isClean()).isTrue();
        assertThat(play.actor("1").interrupts).isEqualTo(1);
        assertThat(play.actor("2").interrupts).isEqualTo(1);
    }

    @Test
    @DisplayName("rule 2.4: a template's children stop all at once, by one deadline")
    void stopsAllAtOnce() {
        Play play = template(10);
        for (int i = 0; i < 3; i++) {
            String path = play.result(play.tree.spawn("", context -> {})).path();
            play.manner(path, Play.Manner.STUBBORN);
        }

        CompletableFuture<StopReport> stopped = play.tree.stopAsync().toCompletableFuture();
        play.advance(Duration.ofSeconds(10));

        assertThat(play.result(stopped).leftBehind()).hasSize(3);
    }
}
