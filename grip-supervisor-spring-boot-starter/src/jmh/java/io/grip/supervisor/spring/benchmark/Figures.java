package io.grip.supervisor.spring.benchmark;

import io.grip.supervisor.benchmark.report.Page;
import io.grip.supervisor.benchmark.report.Rounds;
import java.nio.file.Path;
import java.util.Set;

/** Runs the starter's benchmarks and writes them into docs/benchmarks.md: {@code Figures <project root>}. */
public final class Figures {

    private static final int ROUNDS = Integer.getInteger("figures.rounds", 3);

    private Figures() {}

    /**
     * Runs everything.
     *
     * @param args the project's directory
     */
    public static void main(String[] args) throws Exception {
        Page page = new Page().machine("mvn -Pjmh,figures -pl grip-supervisor-spring-boot-starter -am verify");
        annotations(page);
        observed(page);
        page.writeTo(
                Path.of(args[0], "docs", "benchmarks.md"),
                "starter-" + Runtime.version().feature());
        System.exit(0);
    }

    private static void annotations(Page page) throws Exception {
        Rounds rounds = Rounds.of(
                SupervisedBenchmark.class,
                Set.of(
                        "doNothingProxy",
                        "supervised",
                        "supervisedWithAdmissionAndDeadline",
                        "springRetryable",
                        "resilience4jRetry",
                        "resilience4jRetryAndBulkhead"),
                Set.of("springRetry"),
                ROUNDS);
        page.line("").line("### Annotated beans (S7)").goals();
        page.goal(rounds, "retry", "supervised", "doNothingProxy", 2, 1.4);
        page.goal(rounds, "retry", "supervised", "springRetryable", 0.5, 0.35);
        page.goal(rounds, "retry", "supervised", "resilience4jRetry", 0.1, 0.1);
        page.goal(rounds, "retry, admission, deadline", "supervisedWithAdmissionAndDeadline", "doNothingProxy", 3, 2.2);
        page.goal(
                rounds,
                "retry, admission, deadline",
                "supervisedWithAdmissionAndDeadline",
                "resilience4jRetryAndBulkhead",
                0.05,
                0.03);
        // The proxy's own depend on its JDK: an array of arguments, an invocation.
        int proxy = (int) Math.round(rounds.row("doNothingProxy").bytes());
        bytes(page, rounds, "supervised", proxy + 32);
        bytes(page, rounds, "supervisedWithAdmissionAndDeadline", proxy + 32);
        page.rows(rounds, rounds.rowsOf(""), "doNothingProxy");
    }

    private static void observed(Page page) throws Exception {
        Rounds rounds = Rounds.of(
                ObservedCallBenchmark.class,
                Set.of("timerByHand", "resilience4jCounted", "notObserved", "metered", "meteredWithoutAttempts"),
                Set.of(
                        "meteredForPrometheus",
                        "twoTimersByHand",
                        "eventsThatNobodyListensTo",
                        "eventsThatOnlyRetriesAreListenedTo",
                        "eventsThatAreListenedTo"),
                ROUNDS);
        page.line("").line("### Observed (S6)").goals();
        page.goal(rounds, "no meters", "notObserved", "resilience4jCounted", 0.6, 0.6);
        page.goal(rounds, "one latency timer", "meteredWithoutAttempts", "timerByHand", 1.4, 1.2);
        page.goal(rounds, "every meter", "metered", "timerByHand", 1.4, 1.2);
        bytes(page, rounds, "notObserved", 0);
        bytes(page, rounds, "metered", 0);
        page.rows(rounds, rounds.rowsOf(""), "timerByHand");
    }

    private static void bytes(Page page, Rounds rounds, String row, int goal) {
        // Half a byte is what the profiler's own samples leave over many calls.
        page.goal("B/op of " + row, "", "", rounds.row(row).bytes(), Page.Want.AT_MOST, goal + 0.5, goal + 0.5);
    }
}
