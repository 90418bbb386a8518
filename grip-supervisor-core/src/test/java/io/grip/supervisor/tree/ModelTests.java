package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random trees under random failures, stops and manual restarts, beside a small model of the rules that knows nothing of
 * queues, timers or threads: it says who runs, how often each was started, and what each has left, once things are quiet.
 *
 * <p>A failing seed is part of the message; {@code -Dgrip.tree.seed=N} plays it alone, {@code -Dgrip.tree.rounds=N} plays
 * longer.
 */
class ModelTests {

    private static final int STEPS = 40;
    private static final Duration DELAY = Duration.ofMillis(10);

    /** Above all delays of a step together, and far below the healthy stretch. */
    private static final Duration QUIET = Duration.ofMillis(200);

    @ParameterizedTest(name = "on threads that go on where they may: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("110: random trees and failures: at each quiet moment as the model says, at the end all accounted for")
    void behavesAsTheModelSays(boolean inPlace) {
        Long only = Long.getLong("grip.tree.seed");
        int rounds = only != null ? 1 : Integer.getInteger("grip.tree.rounds", 400);
        long base = only != null ? only : Integer.getInteger("grip.tree.base", 20_260_101);
        int wentOn = 0;
        for (int round = 0; round < rounds; round++) {
            long seed = base + round;
            try {
                Round played = new Round(seed, inPlace);
                played.play();
                wentOn += played.play.wentOn;
            } catch (Throwable failure) {
                throw new AssertionError(
                        "with seed " + seed + " (replay it with -Dgrip.tree.seed=" + seed + "): " + failure, failure);
            }
        }
        if (only == null) {
            assertThat(wentOn > 0).as("threads went on").isEqualTo(inPlace);
        }
    }

    /** One tree and its model. */
    private static final class Round {
        private final Random random;
        private final ModelSupervisor model;
        private final Play play;
        private final List<String> story = new ArrayList<>();
        private boolean rootGaveUp;
        private boolean endedCleanly;

        Round(long seed, boolean inPlace) {
            random = new Random(seed);
            model = supervisor("root", 0);
            play = Play.of(builder -> {
                builder.strategy(model.strategy);
                model.children.forEach(each -> {
                    if (each instanceof ModelSupervisor nested) {
                        builder.supervisor(nested.spec());
                    } else {
                        builder.child(((ModelWorker) each).spec());
                    }
                });
            });
            play.inPlace = inPlace;
        }

        void play() {
            try {
                play.start();
                model.begin();
                compare("start");
                for (int step = 0; step < STEPS && !rootGaveUp; step++) {
                    compare(step());
                }
                play.stop();
                assertThat(play.alive()).as("alive after the stop").isEmpty();
                assertThat(play.time.pendingTimers())
                        .as("timers after the stop")
                        .isZero();
                Outcomes.assertOneEach(play);
                assertThat(play.rootFailures).hasSize(rootGaveUp && !endedCleanly ? 1 : 0);
            } catch (Throwable failure) {
                throw new AssertionError("after " + story + "\n" + failure.getMessage(), failure);
            }
        }

        private String step() {
            List<ModelWorker> workers = new ArrayList<>();
            model.collect(workers);
            ModelWorker worker = workers.get(random.nextInt(workers.size()));
            int what = random.nextInt(10);
            String done;
            if (worker.runs()) {
                done = what < 6 ? crash(worker) : what < 8 ? finish(worker) : stop(worker);
            } else if (worker.isPresent() && worker.parent.isUp()) {
                done = restart(worker);
            } else {
                done = "nothing";
            }
            play.advance(QUIET);
            return done;
        }

        private String crash(ModelWorker worker) {
            worker.fails();
            play.actor(worker.path()).fail(new IOException("random"));
            return "crash " + worker.path();
        }

        private String finish(ModelWorker worker) {
            worker.finishes();
            play.actor(worker.path()).finish();
            return "finish " + worker.path();
        }

        private String stop(ModelWorker worker) {
            worker.state = ChildState.STOPPED;
            play.await(play.tree.stopChild(worker.path()));
            return "stop " + worker.path();
        }

        private String restart(ModelWorker worker) {
            worker.failures = 0;
            worker.start();
            play.await(play.tree.restartChild(worker.path()));
            return "restart " + worker.path();
        }

        private void compare(String after) {
            story.add(after);
            String expected = rootGaveUp ? "gave up" : model.text();
            assertThat(rootGaveUp ? "gave up" : text(play.tree.snapshot()))
                    .as("after " + after)
                    .isEqualTo(expected);
            if (rootGaveUp) {
                assertThat(play.state("")).isEqualTo(endedCleanly ? ChildState.STOPPED : ChildState.FAILED);
            }
            long running = rootGaveUp ? 0 : model.running();
            assertThat(play.alive()).as("alive after " + after).hasSize((int) running);
        }

        /** States, starts since the supervisor began, failures in a row; of a supervisor that is down, only that. */
        private static String text(ChildSnapshot snapshot) {
            StringBuilder text = new StringBuilder();
            for (ChildSnapshot each : snapshot.children()) {
                boolean supervisor = each.strategy().isPresent();
                if (supervisor && each.state() == ChildState.RUNNING) {
                    text.append(text(each));
                } else {
                    text.append(each.path()).append('=').append(each.state());
                    text.append(supervisor ? " " : "#" + each.starts() + "/" + each.failures() + " ");
                }
            }
            return text.toString();
        }

        // ---- random trees

        private ModelSupervisor supervisor(String name, int depth) {
            RestartStrategy strategy = RestartStrategy.values()[random.nextInt(3)];
            ModelSupervisor supervisor = new ModelSupervisor(name, strategy, rules());
            int size = 1 + random.nextInt(4);
            for (int i = 0; i < size; i++) {
                String child = (char) ('a' + i) + "";
                supervisor.add(
                        depth < 3 && random.nextInt(3) == 0
                                ? supervisor(child, depth + 1)
                                : new ModelWorker(child, rules()));
            }
            return supervisor;
        }

        private RestartRules rules() {
            RestartRules rules = RestartRules.defaults()
                    .withPolicy(RestartPolicy.values()[random.nextInt(3)])
                    .withConsecutiveFailures(random.nextInt(4))
                    .withBackoff(random.nextBoolean() ? BackoffPolicy.none() : BackoffPolicy.fixed(DELAY))
                    .withResetAfter(Duration.ofDays(1))
                    .withoutRevival()
                    .withJitter(0);
            return random.nextBoolean() ? rules : rules.withOnGiveUp(OnGiveUp.values()[random.nextInt(3)]);
        }

        // ---- the model: what is left when all is quiet

        private abstract static class ModelNode {
            final String name;
            final RestartRules rules;
            ModelSupervisor parent;
            ChildState state = ChildState.REGISTERED;
            int starts;
            int failures;

            ModelNode(String name, RestartRules rules) {
                this.name = name;
                this.rules = rules;
            }

            String path() {
                return parent.parent == null ? name : parent.path() + "/" + name;
            }

            boolean isPresent() {
                return parent.children.contains(this) && (parent.parent == null || parent.isPresent());
            }

            boolean runs() {
                return state == ChildState.RUNNING && isPresent();
            }

            void start() {
                starts++;
                state = ChildState.RUNNING;
            }

            abstract void down();

            void reset() {
                starts = 0;
                failures = 0;
                state = ChildState.REGISTERED;
            }

            void fails() {
                if (rules.policy() == RestartPolicy.NEVER) {
                    down();
                    parent.children.remove(this);
                    return;
                }
                failures++;
                if (failures <= rules.consecutiveFailures()) {
                    parent.restart(this);
                    return;
                }
                down();
                state = ChildState.FAILED;
                switch (rules.onGiveUpUnder(parent.strategy)) {
                    case ISOLATE -> {}
                    case ESCALATE -> parent.escalates();
                    case STOP_SUPERVISOR -> parent.finishes();
                }
            }

            void finishes() {
                switch (rules.policy()) {
                    case ALWAYS -> fails();
                    case ON_FAILURE -> {
                        down();
                        state = ChildState.STOPPED;
                    }
                    case NEVER -> {
                        down();
                        parent.children.remove(this);
                    }
                }
            }
        }

        private static final class ModelWorker extends ModelNode {
            ModelWorker(String name, RestartRules rules) {
                super(name, rules);
            }

            ChildSpec spec() {
                return child(name).withRestart(rules);
            }

            @Override
            void down() {
                state = ChildState.STOPPED;
            }
        }

        private final class ModelSupervisor extends ModelNode {
            final RestartStrategy strategy;
            final List<ModelNode> declared = new ArrayList<>();
            List<ModelNode> children = new ArrayList<>();

            ModelSupervisor(String name, RestartStrategy strategy, RestartRules rules) {
                super(name, rules);
                this.strategy = strategy;
            }

            void add(ModelNode child) {
                child.parent = this;
                declared.add(child);
                children.add(child);
            }

            SupervisorSpec spec() {
                return SupervisorSpec.of(name, strategy)
                        .withRestart(rules)
                        .withChildren(declared.stream()
                                .map(each -> each instanceof ModelSupervisor nested
                                        ? nested.spec()
                                        : ((ModelWorker) each).spec())
                                .toList());
            }

            @Override
            boolean isPresent() {
                return parent == null || super.isPresent();
            }

            boolean isUp() {
                return state == ChildState.RUNNING && (parent == null || parent.isUp());
            }

            void begin() {
                super.start();
                children = new ArrayList<>(declared);
                children.forEach(ModelNode::reset);
                children.forEach(ModelNode::start);
            }

            @Override
            void start() {
                begin();
            }

            @Override
            void down() {
                children.forEach(each -> {
                    if (each.state != ChildState.FAILED) {
                        each.down();
                    }
                });
                state = ChildState.STOPPED;
            }

            void restart(ModelNode child) {
                if (strategy == RestartStrategy.ONE_FOR_ONE) {
                    child.down();
                    child.start();
                    return;
                }
                int from = strategy == RestartStrategy.ONE_FOR_ALL ? 0 : children.indexOf(child);
                List<ModelNode> members = children.subList(from, children.size()).stream()
                        .filter(each -> each == child || each.state == ChildState.RUNNING)
                        .toList();
                members.forEach(ModelNode::down);
                members.stream()
                        .filter(each -> each.rules.policy() == RestartPolicy.NEVER)
                        .forEach(children::remove);
                members.stream()
                        .filter(each -> each.rules.policy() != RestartPolicy.NEVER)
                        .forEach(ModelNode::start);
            }

            void escalates() {
                down();
                if (parent == null) {
                    rootGaveUp = true;
                } else {
                    fails();
                }
            }

            @Override
            void finishes() {
                down();
                if (parent == null) {
                    rootGaveUp = true;
                    endedCleanly = true;
                } else {
                    super.finishes();
                }
            }

            void collect(List<ModelWorker> workers) {
                for (ModelNode each : declared) {
                    if (each instanceof ModelSupervisor nested) {
                        nested.collect(workers);
                    } else {
                        workers.add((ModelWorker) each);
                    }
                }
            }

            long running() {
                return children.stream()
                        .filter(each -> each.state == ChildState.RUNNING)
                        .mapToLong(each -> each instanceof ModelSupervisor nested ? nested.running() : 1)
                        .sum();
            }

            String text() {
                StringBuilder text = new StringBuilder();
                for (ModelNode each : children) {
                    if (each instanceof ModelSupervisor nested && nested.state == ChildState.RUNNING) {
                        text.append(nested.text());
                    } else if (each instanceof ModelSupervisor nested) {
                        text.append(nested.path() + "=" + nested.state + " ");
                    } else {
                        text.append(each.path() + "=" + each.state + "#" + each.starts + "/" + each.failures + " ");
                    }
                }
                return text.toString();
            }
        }
    }
}
