package io.grip.supervisor.benchmark;

import static io.grip.supervisor.benchmark.report.Page.number;

import io.grip.supervisor.benchmark.report.Page;
import io.grip.supervisor.benchmark.report.Rounds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Blocking calls that wait on virtual threads (S8), in several processes, since one differs from the next. */
final class WaitingFigures {

    private static final int PROCESSES = 5;

    /** Of one size from the beginning: what it takes to grow, and to mark what is on it meanwhile, is nobody's call's. */
    private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g");

    /** What one process has found, in the order of {@link WaitingCalls.Way}. */
    private record Found(double[] micros, double[] bytes) {

        static Found of(String line) {
            double[] all = Arrays.stream(line.split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            int ways = WaitingCalls.Way.values().length;
            return new Found(Arrays.copyOf(all, ways), Arrays.copyOfRange(all, ways, 2 * ways));
        }

        double micros(WaitingCalls.Way way) {
            return micros[way.ordinal()];
        }

        double bytes(WaitingCalls.Way way) {
            return bytes[way.ordinal()];
        }
    }

    private WaitingFigures() {}

    static void write(Page page) throws IOException, InterruptedException {
        List<Found> found = new ArrayList<>();
        for (int process = 1; process <= PROCESSES; process++) {
            System.out.println("Process " + process + " of " + PROCESSES + ": waiting calls");
            found.add(inAProcess());
        }
        page.line("");
        page.line("### %,d blocking calls that wait at once, on virtual threads", WaitingCalls.CALLS);
        page.table("row", "processor time of a call, µs, by processes", "median", "heap of each, B");
        for (WaitingCalls.Way way : WaitingCalls.Way.values()) {
            List<Double> times = found.stream().map(one -> one.micros(way)).toList();
            page.row(
                    way.title(),
                    numbers(times),
                    number(Rounds.medianOf(times)),
                    number(median(found, one -> one.bytes(way))));
        }
        page.goals();
        goal(page, found, WaitingCalls.Way.BY_HAND, 1.5, 1.2);
        goal(page, found, WaitingCalls.Way.SPRING, 1, 1);
    }

    private static void goal(Page page, List<Found> found, WaitingCalls.Way against, double goal, double stretch) {
        List<Double> ratios = found.stream()
                .map(one -> one.micros(WaitingCalls.Way.OURS) / one.micros(against))
                .toList();
        double figure = Rounds.medianOf(ratios);
        page.goal("processor time", against.title(), numbers(ratios), figure, Page.Want.AT_MOST, goal, stretch);
    }

    private static double median(List<Found> found, ToDoubleFunction<Found> figure) {
        return Rounds.medianOf(found.stream().mapToDouble(figure).boxed().toList());
    }

    private static Found inAProcess() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(HEAP);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), WaitingCalls.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String last = null;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                last = line;
            }
        }
        int status = process.waitFor();
        if (status != 0 || last == null) {
            throw new IOException("the process of the waiting calls ended with status " + status);
        }
        return Found.of(last);
    }

    private static String numbers(List<Double> values) {
        return String.join(", ", values.stream().map(Page::number).toList());
    }
}
