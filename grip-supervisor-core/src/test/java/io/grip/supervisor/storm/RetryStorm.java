package io.grip.supervisor.storm;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * 1 000 clients, each with a supervisor of its own, one call a second and a second of patience for each attempt, against one
 * dependency that is slow for 20 s. The dependency answers 1 500 requests a second, and 300 while it is slow, one after the
 * other: it cannot know who still waits for an answer. It takes on no more than 3 s of work. On a clock of its own, so
 * 50 s take no 50 s.
 */
public final class RetryStorm {

    public static final int CLIENTS = 1_000;
    public static final int SECONDS = 50;
    public static final int SLOW_FROM = 10;
    public static final int SLOW_UNTIL = 30;

    private static final int CAPACITY = 1_500;
    private static final int CAPACITY_WHEN_SLOW = 300;
    private static final int LONGEST_QUEUE = 3 * CAPACITY;
    private static final int TICKS = 10;
    private static final Duration TICK = Duration.ofMillis(1_000 / TICKS);
    private static final IOException REFUSED = new IOException("refused");

    private static final SupervisorPolicy PATIENT =
            SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1)));

    private final ManualTime time = ManualTime.create();
    private final List<Supervisor> clients;
    private final List<Second> seconds = new ArrayList<>();
    private final Queue<CompletableFuture<String>> queue = new ArrayDeque<>();
    private int attempts;
    private int answered;

    /**
     * What the dependency saw in one second.
     *
     * @param attempts how many requests came
     * @param answered how many it answered in time
     */
    public record Second(int attempts, int answered) {}

    private RetryStorm(SupervisorPolicy policy) {
        clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> Supervisor.builder("client " + client)
                        .time(time)
                        .executor(Runnable::run)
                        .policy(policy)
                        .build())
                .toList();
    }

    /** Second by second, with three attempts to a call and this budget. */
    public static List<Second> under(RetryBudget budget) {
        return under(PATIENT.withRetry(RetryPolicy.of(3)).withRetryBudget(budget));
    }

    /** Second by second, without retries. */
    public static List<Second> withoutRetries() {
        return under(PATIENT.withRetry(RetryPolicy.none()));
    }

    private static List<Second> under(SupervisorPolicy policy) {
        RetryStorm storm = new RetryStorm(policy);
        for (int second = 0; second < SECONDS; second++) {
            storm.second(second);
        }
        return storm.seconds;
    }

    private void second(int second) {
        boolean slow = second >= SLOW_FROM && second < SLOW_UNTIL;
        attempts = 0;
        answered = 0;
        for (int tick = 0; tick < TICKS; tick++) {
            for (int client = tick; client < CLIENTS; client += TICKS) {
                clients.get(client).runAsync(context -> request());
            }
            work((slow ? CAPACITY_WHEN_SLOW : CAPACITY) / TICKS);
            time.advance(TICK);
        }
        seconds.add(new Second(attempts, answered));
    }

    private CompletableFuture<String> request() {
        attempts++;
        CompletableFuture<String> answer = new CompletableFuture<>();
        if (queue.size() >= LONGEST_QUEUE) {
            answer.completeExceptionally(REFUSED);
        } else {
            queue.add(answer);
        }
        return answer;
    }

    /** Whoever has given up by now has cancelled the answer, which is work all the same. */
    private void work(int requests) {
        for (int done = 0; done < requests && !queue.isEmpty(); done++) {
            answered += queue.remove().complete("answer") ? 1 : 0;
        }
    }
}
