package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventTests {

    private static final String PATH = "ingest/reader";
    private static final IOException DOWN = new IOException("no route to host");

    static Stream<TreeEvent> oneOfEach() {
        Optional<Throwable> cause = Optional.of(DOWN);
        return Stream.of(
                new TreeEvent.Starting(PATH, 3),
                new TreeEvent.Ready(PATH, 3),
                new TreeEvent.Failed(PATH, 3, ChildFailure.CRASH, cause, 2),
                new TreeEvent.RestartScheduled(PATH, Duration.ofMillis(400), 8),
                new TreeEvent.Restarted(PATH, 4),
                new TreeEvent.Stopping(PATH, 4),
                new TreeEvent.Stopped(PATH, 4, Optional.empty(), false),
                new TreeEvent.Abandoned(PATH, 4, List.of()),
                new TreeEvent.Reaped(PATH, 4),
                new TreeEvent.GaveUp(PATH, 4, ChildFailure.START, cause, OnGiveUp.ESCALATE),
                new TreeEvent.SupervisorEscalated(
                        PATH, new EscalatedException(PATH, PATH + "/x", EscalationReason.BUDGET, DOWN)),
                new TreeEvent.ChildrenDropped(PATH, List.of("a", "b"), 2),
                new TreeEvent.HookFailed(PATH, "onStop", null),
                new TreeEvent.ConfigUnreachable(PATH, "too short"));
    }

    @ParameterizedTest
    @MethodSource("oneOfEach")
    @DisplayName(
            "111, 113: each event has a readable line and plain values, with supervisor, child, and what it is about")
    void hasATextAndPlainValues(TreeEvent event) {
        Map<String, Object> values = event.values();

        assertThat(values)
                .containsEntry("event", event.getClass().getSimpleName())
                .containsEntry("supervisor", "ingest")
                .containsEntry("child", "reader");
        assertThat(values.values())
                .allMatch(value -> value instanceof String || value instanceof Number || value instanceof Boolean);
        assertThat(event.text())
                .contains(event.getClass().getSimpleName(), PATH)
                .doesNotContain("\n");
    }

    @Test
    void eachKindOfEventIsAmongThoseTested() {
        assertThat(oneOfEach().map(Object::getClass))
                .containsExactlyInAnyOrder(TreeEvent.class.getPermittedSubclasses());
    }

    @Test
    @DisplayName("111: formatting is bounded in depth and length")
    void theTextIsBounded() {
        Throwable deep = new IOException("x".repeat(100_000));
        for (int i = 0; i < 1_000; i++) {
            deep = new IllegalStateException("layer " + i, deep);
        }

        String text = new TreeEvent.Failed(PATH, 1, ChildFailure.CRASH, Optional.of(deep), 1).text();

        assertThat(text).hasSizeLessThanOrEqualTo(TreeEvent.MAX_TEXT).contains("layer 999", "layer 996", "...");
        assertThat(text).doesNotContain("layer 995");
    }

    @Test
    void aThrowableWhoseMessageThrowsIsStillTold() {
        Throwable nasty = new RuntimeException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String toString() {
                throw new IllegalStateException("nasty");
            }
        };

        assertThat(new TreeEvent.Failed(PATH, 1, ChildFailure.CRASH, Optional.of(nasty), 1).text())
                .contains("its message threw");
    }

    @Test
    @DisplayName("112: a nested supervisor tells its parent's listener, or its own where it has one")
    void theNearestListenerIsTold() {
        List<TreeEvent> own = new ArrayList<>();
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                                .withChild(child("a")))
                        .supervisor(SupervisorSpec.of("t", RestartStrategy.ONE_FOR_ONE)
                                .withListener(own::add)
                                .withChild(SupervisorSpec.of("u", RestartStrategy.ONE_FOR_ONE)
                                        .withChild(child("b")))))
                .start();

        assertThat(play.events(TreeEvent.Ready.class))
                .extracting(TreeEvent::path)
                .containsExactly("s/a", "s", "");
        assertThat(own).extracting(TreeEvent::path).containsOnly("t", "t/u", "t/u/b");
    }

    @Test
    @DisplayName("rule 2.8.3: the order of events of a crash and its restart")
    void tellsACrashAndItsRestartInOrder() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        play.events.clear();

        play.actor("a").fail(DOWN);
        play.advance(Duration.ofMillis(200));

        assertThat(play.events)
                .containsExactly(
                        new TreeEvent.Failed("a", 1, ChildFailure.CRASH, Optional.of(DOWN), 1),
                        new TreeEvent.RestartScheduled("a", Duration.ofMillis(200), 9),
                        new TreeEvent.Starting("a", 2),
                        new TreeEvent.Ready("a", 2),
                        new TreeEvent.Restarted("a", 2));
    }

    @Test
    @DisplayName("2.9: by default 1 024 events may wait")
    void theDefaultCapacityIsTheDocumentedOne() {
        SupervisionTree tree = new Crowd()
                .tree(builder -> IntStream.range(0, 600)
                        .forEach(i -> builder.listener(event -> {})
                                .child(ChildSpec.of("c" + i, context -> {}).withSettle(Duration.ZERO))));

        tree.startAsync();

        long offered = 2 + 2 * 600;
        assertThat(tree.droppedEvents()).isEqualTo(offered - 1_024);
    }

    @Test
    @DisplayName("rule 2.8.3: a listener that throws, or is too slow, harms nothing: what is lost is counted")
    void aBadListenerHarmsNothing() {
        Play play = Play.of(builder -> {
            builder.child(child("a")).eventCapacity(4).listener(event -> {
                throw new IllegalStateException("bad listener");
            });
            IntStream.range(0, 10)
                    .forEach(i -> builder.supervisor(SupervisorSpec.of("empty" + i, RestartStrategy.ONE_FOR_ONE)));
        });

        play.start();

        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.tree.droppedEvents()).isBetween(1L, 23L);
        assertThat(play.stop().isClean()).isTrue();
    }

    @Test
    @DisplayName(
            "78: the first three failures in a row are logged at INFO, the fourth at ERROR, then INFO again once healthy")
    void repeatedFailuresAreLoggedLouder() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        for (int i = 0; i < 4; i++) {
            play.actor("a").fail();
            play.advance(Duration.ofMillis(200L << i).plusMillis(10));
        }
        play.advance(Duration.ofSeconds(31));
        play.actor("a").fail();

        assertThat(play.events(TreeEvent.Failed.class))
                .extracting(TreeLog::levelOf)
                .containsExactly(Level.INFO, Level.INFO, Level.INFO, Level.ERROR, Level.INFO);
    }

    private static TreeEvent.Failed crash(int child, int attempt, Throwable cause) {
        return new TreeEvent.Failed("c" + child, 1, ChildFailure.CRASH, Optional.of(cause), attempt);
    }

    @Test
    @DisplayName("rule 2.8.1: many like failures are one line a second, with a count of those left out")
    void likeFailuresAreLoggedOnceASecond() {
        ManualTime time = ManualTime.create();
        List<String> lines = new ArrayList<>();
        TreeLog log = new TreeLog("root", time, level -> true, (level, line) -> lines.add(line));
        for (int tick = 0; tick < 40; tick++) {
            for (int i = 0; i < 100; i++) {
                log.accept(crash(i, 1, DOWN));
            }
            time.advance(Duration.ofMillis(100));
        }

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).contains("'c0'").doesNotContain("more");
        assertThat(lines.subList(1, 4)).allSatisfy(line -> assertThat(line).contains("'c99'"));
        assertThat(lines.get(1)).contains("998 more");
        assertThat(lines.get(2)).contains("999 more");
    }

    @Test
    @DisplayName("rule 2.8.1: what is left out when a storm ends is told with the next event, whatever that is")
    void theRestOfAStormIsTold() {
        ManualTime time = ManualTime.create();
        List<String> lines = new ArrayList<>();
        TreeLog log = new TreeLog("root", time, level -> level != Level.DEBUG, (level, line) -> lines.add(line));
        for (int i = 0; i < 500; i++) {
            log.accept(crash(i, 1, DOWN));
        }
        log.accept(new TreeEvent.Ready("c", 2));
        assertThat(lines).hasSize(1);
        time.advance(Duration.ofSeconds(1));

        log.accept(new TreeEvent.Ready("d", 2));
        log.accept(new TreeEvent.Ready("e", 2));

        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).contains("'c499'", "498 more");
    }

    @Test
    @DisplayName("rule 2.8.1: an event that nobody wants is not queued, unless the log owes what it left out")
    void whatNobodyWantsReachesTheLogOnlyWhenThatOwes() {
        ManualTime time = ManualTime.create();
        List<String> lines = new ArrayList<>();
        TreeLog log = new TreeLog("root", time, level -> level != Level.DEBUG, (level, line) -> lines.add(line));
        List<Runnable> tasks = new ArrayList<>();
        EventQueue queue = new EventQueue(4, tasks::add, time, log, null);
        TreeEvent unwanted = new TreeEvent.Ready("c", 2);

        queue.offer(unwanted, null);
        assertThat(tasks).isEmpty();
        queue.offer(crash(1, 1, DOWN), null);
        queue.offer(crash(2, 1, DOWN), null);
        tasks.remove(0).run();
        assertThat(lines).hasSize(1);
        time.advance(Duration.ofSeconds(1));
        queue.offer(unwanted, null);
        queue.offer(unwanted, null);
        tasks.remove(0).run();
        assertThat(lines).hasSize(2);
        queue.offer(unwanted, null);

        assertThat(tasks).isEmpty();
        assertThat(queue.dropped()).isZero();
    }

    @Test
    @DisplayName("rule 2.8.1: failures that are not alike, by level, kind or exception, do not hide each other")
    void unlikeFailuresDoNotHideEachOther() {
        List<String> lines = new ArrayList<>();
        TreeLog log = new TreeLog("root", ManualTime.create(), level -> true, (level, line) -> lines.add(level + line));

        log.accept(crash(1, 1, DOWN));
        log.accept(crash(2, 4, DOWN));
        log.accept(crash(3, 1, new IllegalStateException()));
        log.accept(new TreeEvent.Failed("c4", 1, ChildFailure.HUNG, Optional.of(DOWN), 1));
        log.accept(new TreeEvent.GaveUp("c5", 1, ChildFailure.CRASH, Optional.of(DOWN), OnGiveUp.ISOLATE));
        log.accept(new TreeEvent.GaveUp("c6", 1, ChildFailure.CRASH, Optional.of(DOWN), OnGiveUp.ISOLATE));

        assertThat(lines).hasSize(6);
    }

    @Test
    @DisplayName("111: whatever a message brings, the text stays one line, so it cannot forge another entry")
    void theTextIsOneLine() {
        IOException forged = new IOException("no\r\n2026-01-01 INFO all is well\u2028\u0007");

        String text = new TreeEvent.Failed(PATH, 1, ChildFailure.CRASH, Optional.of(forged), 1).text();

        assertThat(text).contains("no 2026-01-01 INFO all is well").doesNotContainPattern("[\\p{Cntrl}\u2028]");
    }

    @Test
    @DisplayName("111: an event about a failure says what failed, how, why, and in which attempt")
    void tellsWhatFailedHowAndWhy() {
        assertThat(new TreeEvent.Failed(PATH, 3, ChildFailure.HUNG, Optional.of(DOWN), 2).values())
                .containsEntry("generation", 3L)
                .containsEntry("reason", "HUNG")
                .containsEntry("attempt", 2)
                .containsEntry("cause", DOWN.toString());
        assertThat(new TreeEvent.GaveUp(PATH, 4, ChildFailure.START, Optional.of(DOWN), OnGiveUp.ESCALATE).values())
                .containsEntry("reason", "START")
                .containsEntry("next", "ESCALATE")
                .containsEntry("cause", DOWN.toString());
        assertThat(new TreeEvent.SupervisorEscalated(
                                PATH, new EscalatedException(PATH, PATH + "/x", EscalationReason.CANNOT_STOP, DOWN))
                        .values())
                .containsEntry("from", PATH + "/x")
                .containsEntry("reason", "CANNOT_STOP")
                .containsEntry("cause", DOWN.toString());
        assertThat(new TreeEvent.Stopped(PATH, 4, Optional.of(DOWN), true).values())
                .containsEntry("abandoned", true)
                .containsEntry("cause", DOWN.toString());
        assertThat(new TreeEvent.HookFailed(PATH, "onStop", DOWN).values())
                .containsEntry("hook", "onStop")
                .containsEntry("cause", DOWN.toString());
    }

    @ParameterizedTest
    @MethodSource("oneOfEach")
    @DisplayName("113: the readable text has all that the values have")
    void theTextHasAllThatTheValuesHave(TreeEvent event) {
        event.values().entrySet().stream()
                .skip(3)
                .forEach(entry -> assertThat(event.text()).contains(entry.getKey() + "=" + entry.getValue()));
    }

    @Test
    @DisplayName(
            "rule 2.2.5: a listener that hangs is told of within 10 s and passed over until it is back; the others hear all")
    void aListenerThatHangsIsPassedOver() {
        List<TreeEvent> hangs = new ArrayList<>();
        List<TreeEvent> hears = new ArrayList<>();
        List<TreeEvent> heardMeanwhile = new ArrayList<>();
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.events(TreeEvent.class);
        play.events.clear();
        play.tree.listen(event -> {
            hangs.add(event);
            if (heardMeanwhile.isEmpty()) {
                play.time.advance(Duration.ofSeconds(10));
                play.actor("b").fail();
                heardMeanwhile.addAll(hears);
            }
        });
        play.tree.listen(hears::add);

        play.actor("a").fail();

        assertThat(hangs).hasSize(1);
        assertThat(heardMeanwhile).startsWith(hangs.get(0)).isEqualTo(hears);
        assertThat(hears).contains(new TreeEvent.HookFailed("", "listener", null));
        assertThat(hears).anyMatch(event -> event.path().equals("b")).isEqualTo(play.events);
        assertThat(play.tree.droppedEvents()).isEqualTo(hears.size() - 1L);
        hangs.clear();
        hears.clear();
        play.advance(Duration.ofSeconds(1));
        assertThat(hangs).isNotEmpty().isEqualTo(hears);
        assertThat(play.time.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("rule 2.2.5: listeners that take long, but come back, are not passed over")
    void aSlowListenerIsNotPassedOver() {
        List<TreeEvent> slow = new ArrayList<>();
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        play.tree.listen(event -> {
            slow.add(event);
            play.time.advance(Duration.ofMillis(4_900));
        });

        play.actor("a").fail();
        play.advance(Duration.ofSeconds(60));

        assertThat(play.events(TreeEvent.HookFailed.class)).isEmpty();
        assertThat(slow).hasSizeGreaterThan(4);
        assertThat(play.tree.droppedEvents()).isZero();
    }

    @Test
    @DisplayName("rule 2.8.3: an executor that refuses once does not end the telling of events")
    void anExecutorThatRefusesOnceLosesNothing() {
        List<TreeEvent> heard = new CopyOnWriteArrayList<>();
        EventQueue queue = new EventQueue(
                4,
                task -> {
                    throw new RejectedExecutionException("full");
                },
                ManualTime.create(),
                new TreeLog("root", ManualTime.create(), level -> false, (level, line) -> {}),
                null);

        for (int i = 0; i < 10; i++) {
            int told = i;
            queue.offer(new TreeEvent.Ready("a", i), heard::add);
            await().atMost(Duration.ofSeconds(20)).until(() -> heard.size() > told);
        }

        assertThat(queue.dropped()).isZero();
    }

    @Test
    @DisplayName("55, I3: every incarnation has exactly one outcome")
    void everyIncarnationHasOneOutcome() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a"))
                        .child(child("b").withHeartbeat(Duration.ofSeconds(2)))
                        .child(child("c")))
                .start();
        play.manner("b", Play.Manner.NEEDS_INTERRUPT);
        play.actor("a").fail();
        play.advance(Duration.ofSeconds(20));
        play.manner("b", Play.Manner.POLITE);
        play.stop();

        Outcomes.assertOneEach(play);
    }
}
