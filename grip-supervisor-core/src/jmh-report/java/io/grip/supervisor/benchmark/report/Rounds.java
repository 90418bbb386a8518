package io.grip.supervisor.benchmark.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Benchmarks run in rounds: in each round every one of them once, in a process of its own, one after another. What is
 * compared is compared within a round, since the machine's clock is not the same a minute later.
 */
public final class Rounds {

    /** One benchmark's times in nanoseconds per call, one a round, and what a call allocates. */
    public record Row(String name, List<Double> nanos, double bytes) {

        /** The median of the rounds. */
        public double median() {
            return medianOf(nanos);
        }
    }

    private final Map<String, Row> rows = new LinkedHashMap<>();

    /**
     * Runs the methods of one class.
     *
     * @param often those that go into every round
     * @param once those of which one round is enough
     * @param rounds how many
     */
    public static Rounds of(Class<?> benchmarks, Set<String> often, Set<String> once, int rounds)
            throws RunnerException {
        Rounds all = new Rounds();
        for (int round = 1; round <= rounds; round++) {
            List<String> names = new ArrayList<>(often);
            if (round == 1) {
                names.addAll(once);
            }
            System.out.println("Round " + round + " of " + rounds + ": " + names.size() + " rows of "
                    + benchmarks.getSimpleName());
            all.add(run(options(benchmarks, String.join("|", names))));
        }
        return all;
    }

    /** Runs the methods of one class on each of some numbers of threads, one round; rows are named {@code name:threads}. */
    public static Rounds onThreads(Class<?> benchmarks, Set<String> names, int... threads) throws RunnerException {
        Rounds all = new Rounds();
        for (int count : threads) {
            ChainedOptionsBuilder options =
                    options(benchmarks, String.join("|", names)).threads(count);
            run(options).forEach(result -> all.add(result, ":" + count));
        }
        return all;
    }

    private static ChainedOptionsBuilder options(Class<?> benchmarks, String names) {
        return new OptionsBuilder()
                .include(benchmarks.getName().replace(".", "\\.") + "\\.(" + names + ")$")
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(300))
                .measurementIterations(4)
                .measurementTime(TimeValue.milliseconds(250))
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
    }

    private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
        return new Runner(options.build()).run();
    }

    private void add(Collection<RunResult> results) {
        results.forEach(result -> add(result, ""));
    }

    private void add(RunResult result, String suffix) {
        String method = result.getParams().getBenchmark();
        Map<String, String> params = new TreeMap<>();
        result.getParams()
                .getParamsKeys()
                .forEach(key -> params.put(key, result.getParams().getParam(key)));
        String name = method.substring(method.lastIndexOf('.') + 1)
                + (params.isEmpty() ? "" : ":" + String.join(":", params.values()))
                + suffix;
        Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
        Row before = rows.get(name);
        List<Double> nanos = new ArrayList<>(before == null ? List.of() : before.nanos());
        nanos.add(result.getPrimaryResult().getScore());
        rows.put(name, new Row(name, nanos, allocated == null ? Double.NaN : allocated.getScore()));
    }

    /** A row. */
    public Row row(String name) {
        Row row = rows.get(name);
        if (row == null) {
            throw new IllegalArgumentException("no benchmark '" + name + "' has run; there are " + rows.keySet());
        }
        return row;
    }

    /** All rows whose names begin like this, in the order in which they have run. */
    public List<Row> rowsOf(String prefix) {
        return rows.values().stream()
                .filter(row -> row.name().startsWith(prefix))
                .toList();
    }

    /** The ratio of two rows, one a round. */
    public List<Double> ratios(String name, String against) {
        List<Double> over = row(name).nanos();
        List<Double> under = row(against).nanos();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(over.size(), under.size()); round++) {
            ratios.add(over.get(round) / under.get(round));
        }
        return ratios;
    }

    /** The middle one; of an even number, the mean of the two in the middle. */
    public static double medianOf(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
