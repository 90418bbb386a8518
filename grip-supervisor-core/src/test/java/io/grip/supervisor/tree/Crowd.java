package io.grip.supervisor.tree;

import io.grip.supervisor.time.ManualTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Incarnations by the number, without threads and nearly without cost: each is up at once and ends when interrupted. All
 * is done on the test's own thread, and nothing is kept of what has ended.
 */
final class Crowd implements Launcher {

    final ManualTime time = ManualTime.create();
    private final Set<Member> alive = new LinkedHashSet<>();
    private final Deque<Runnable> outside = new ArrayDeque<>();

    SupervisionTree tree(Consumer<SupervisionTree.Builder> setUp) {
        SupervisionTree.Builder builder = SupervisionTree.builder("crowd")
                .time(time)
                .launcher(this)
                .executor(outside::add)
                .limits(TreeLimits.unlimited())
                .keepAlive(false);
        setUp.accept(builder);
        return builder.build();
    }

    <T> T result(CompletionStage<T> stage) {
        settle();
        return stage.toCompletableFuture().getNow(null);
    }

    void settle() {
        for (Runnable task = outside.poll(); task != null; task = outside.poll()) {
            task.run();
        }
    }

    List<Member> alive() {
        return List.copyOf(alive);
    }

    @Override
    public Handle launch(String name, Incarnation incarnation) {
        Member member = new Member(incarnation);
        alive.add(member);
        incarnation.enter();
        return member;
    }

    @Override
    public void detached(String name, Runnable body) {
        outside.add(body);
    }

    @Override
    public void keepAlive(String name, CountDownLatch ended) {
        throw new AssertionError("no keeper was wanted");
    }

    /** One of many. */
    final class Member implements Handle {

        private final Incarnation incarnation;

        Member(Incarnation incarnation) {
            this.incarnation = incarnation;
        }

        void end(@Nullable Throwable thrown) {
            if (alive.remove(this)) {
                incarnation.end(thrown);
            }
        }

        @Override
        public void interrupt() {
            end(null);
        }

        @Override
        public List<StackTraceElement> stack() {
            return List.of();
        }
    }
}
