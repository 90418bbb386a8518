package io.grip.supervisor.benchmark;

import io.grip.supervisor.benchmark.report.Page;
import io.grip.supervisor.benchmark.report.Plot;
import io.grip.supervisor.benchmark.report.Rounds;
import io.grip.supervisor.benchmark.report.Rounds.Row;
import io.grip.supervisor.thread.Threads;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Runs all of the core's benchmarks and figures, and writes them into docs/benchmarks.md: {@code Figures <project root>}. */
public final class Figures {

    private static final int ROUNDS = Integer.getInteger("figures.rounds", 3);

    /** What goals are set for, and what they are measured by. */
    private static final Set<String> COMPARED = Set.of(
            "direct",
            "nanoTime",
            "s1Ours",
            "s1Resilience4j",
            "s2Ours",
            "s2Resilience4j",
            "s2OursOnTwoThreads",
            "s2Resilience4jOnTwoThreads",
            "s3Ours",
            "s3SmallRye",
            "s3OursOnTwoThreads",
            "s3SmallRyeOnTwoThreads",
            "s4ByHand",
            "s4Ours",
            "s4Resilience4j",
            "s4Spring",
            "s4SpringRetry",
            "s5ByHand",
            "s5Ours",
            "s5Resilience4j",
            "s5Spring",
            "s5SpringRetry");

    private static final Set<String> BESIDE = Set.of(
            "s1OursFiveTasks",
            "s1OursFiveTasksAskingTheContext",
            "s1Spring",
            "s1SpringRetry",
            "s1Failsafe",
            "s1SmallRye",
            "s2SemaphoreByHand",
            "s2Failsafe",
            "s2SmallRye",
            "s3Resilience4jOnAnotherThread",
            "s3Failsafe",
            "s4Failsafe",
            "s4SmallRye",
            "s5Failsafe",
            "s5SmallRye");

    private Figures() {}

    /**
     * Runs everything.
     *
     * @param args the project's directory
     */
    public static void main(String[] args) throws Exception {
        Path project = Path.of(args[0]);
        String suffix = "-" + Runtime.version().feature();
        Page page = new Page().machine("mvn -Pjmh,figures -pl grip-supervisor-spring-boot-starter -am verify");
        calls(page);
        growth(page, project, suffix);
        PendingFigures.write(page);
        if (Threads.haveVirtual()) {
            WaitingFigures.write(page);
        }
        TreeFigures.write(page);
        page.writeTo(project.resolve("docs/benchmarks.md"), "core" + suffix);
        System.exit(0);
    }

    private static void calls(Page page) throws Exception {
        Rounds rounds = Rounds.of(CallBenchmark.class, COMPARED, BESIDE, ROUNDS);
        boolean newer = Page.isNewer();
        page.line("").line("### Calls").goals();
        page.goal(rounds, "S1 retry", "s1Ours", "s1Resilience4j", newer ? 0.75 : 0.5, newer ? 0.55 : 0.4);
        page.goal(rounds, "S2 and admission", "s2Ours", "s2Resilience4j", newer ? 0.75 : 0.55, newer ? 0.6 : 0.45);
        page.goal(
                rounds,
                "S2, 2 threads",
                "s2OursOnTwoThreads",
                "s2Resilience4jOnTwoThreads",
                newer ? 0.65 : 0.4,
                newer ? 0.45 : 0.2);
        page.goal(rounds, "S3 and a deadline", "s3Ours", "s3SmallRye", 0.1, 0.06);
        page.goal(rounds, "S3, 2 threads", "s3OursOnTwoThreads", "s3SmallRyeOnTwoThreads", 0.2, 0.1);
        double added = rounds.row("s3Ours").median() - rounds.row("s2Ours").median();
        page.goal("S3 less S2", "nanoTime", "", added / rounds.row("nanoTime").median(), Page.Want.AT_MOST, 2.5, 1);
        page.goal(rounds, "S4 fails twice", "s4Ours", "s4ByHand", 2, 1.5);
        page.goal(rounds, "S4 fails twice", "s4Ours", cheapest(rounds, "s4"), 0.6, 0.45);
        page.goal(rounds, "S5 exhausted", "s5Ours", "s5ByHand", 1.7, 1.4);
        page.goal(rounds, "S5 exhausted", "s5Ours", cheapest(rounds, "s5"), 0.6, 0.5);
        bytes(page, rounds, "s1Ours", 0);
        bytes(page, rounds, "s1OursFiveTasks", 0);
        bytes(page, rounds, "s1OursFiveTasksAskingTheContext", 32);
        bytes(page, rounds, "s2Ours", 0);
        bytes(page, rounds, "s3Ours", 0);
        bytes(page, rounds, "s4Ours", 64);
        bytes(page, rounds, "s5Ours", 64);
        for (String scenario : List.of("s1", "s2", "s3")) {
            page.line("");
            page.rows(rounds, rounds.rowsOf(scenario), "direct");
        }
        page.rows(rounds, rounds.rowsOf("s4"), "s4ByHand");
        page.rows(rounds, rounds.rowsOf("s5"), "s5ByHand");
        page.rows(rounds, List.of(rounds.row("direct"), rounds.row("nanoTime")), "direct");
    }

    private static void bytes(Page page, Rounds rounds, String row, int goal) {
        // Half a byte is what the profiler's own samples leave over many calls.
        page.goal("B/op of " + row, "", "", rounds.row(row).bytes(), Page.Want.AT_MOST, goal + 0.5, goal + 0.5);
    }

    private static String cheapest(Rounds rounds, String scenario) {
        return List.of("Resilience4j", "Spring", "SpringRetry").stream()
                .map(peer -> rounds.row(scenario + peer))
                .min((a, b) -> Double.compare(a.median(), b.median()))
                .orElseThrow()
                .name();
    }

    private static void growth(Page page, Path project, String suffix) throws Exception {
        page.line("").line("### How cost grows");
        Rounds rounds = Rounds.of(
                GrowthBenchmark.class,
                Set.of(),
                Set.of(
                        "supervisors",
                        "hooks",
                        "callsOnANewThread",
                        "callsWithADeadlineOnANewThread",
                        "callsOnAPlatformThread",
                        "callsWithADeadlineOnAPlatformThread"),
                1);
        Rounds threads = Rounds.onThreads(GrowthBenchmark.class, Set.of("threads"), 1, 2, 8, 64);
        Path plots = project.resolve("docs/benchmarks");
        series(page, "supervisors, taken in turn", rounds.rowsOf("supervisors"), plots.resolve("supervisors" + suffix));
        series(
                page,
                "threads on one supervisor with a limit",
                threads.rowsOf("threads"),
                plots.resolve("threads" + suffix));
        series(page, "hooks", rounds.rowsOf("hooks"), plots.resolve("hooks" + suffix));
        series(
                page,
                "without and with a deadline; a new thread is a " + (Threads.haveVirtual() ? "virtual" : "platform")
                        + " one",
                rounds.rowsOf("calls"),
                plots.resolve("deadlines" + suffix));
    }

    private static void series(Page page, String title, List<Row> rows, Path plot) throws Exception {
        page.line("").line("By %s:", title).table("row", "ns", "B/op");
        for (Row row : rows) {
            page.row(row.name(), Page.number(row.median()), Page.number(row.bytes()));
        }
        Plot.bars(title, rows, plot);
        page.line("").line("![By %s](benchmarks/%s.svg)", title, plot.getFileName());
    }
}
