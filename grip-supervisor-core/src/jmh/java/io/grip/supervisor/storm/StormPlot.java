package io.grip.supervisor.storm;

import io.grip.supervisor.benchmark.report.Plot;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.storm.RetryStorm.Second;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Draws the storm of docs/retry-budget.md, with and without a budget: {@code StormPlot <project root>}. */
public final class StormPlot {

    private StormPlot() {}

    /**
     * Plays it and draws it.
     *
     * @param args the project's directory
     */
    public static void main(String[] args) throws Exception {
        Path plots = Path.of(args[0]).resolve("docs/retry-budget");
        Map<String, List<Second>> played = new LinkedHashMap<>();
        played.put("no retries", RetryStorm.under(RetryBudget.of(0).withFloor(0)));
        played.put("three attempts", RetryStorm.under(RetryBudget.none()));
        played.put(
                "three attempts, budget", RetryStorm.under(RetryBudget.of(0.2).withFloor(3)));
        draw("requests a second", played, Second::attempts, plots.resolve("load"));
        draw("answered in time a second", played, Second::answered, plots.resolve("answered"));
    }

    private static void draw(String what, Map<String, List<Second>> played, ToIntFunction<Second> value, Path file)
            throws Exception {
        Map<String, List<Integer>> lines = new LinkedHashMap<>();
        played.forEach((name, seconds) ->
                lines.put(name, seconds.stream().mapToInt(value).boxed().toList()));
        String title = "Slow from " + RetryStorm.SLOW_FROM + " s to " + RetryStorm.SLOW_UNTIL + " s";
        Plot.lines(title, "second", what, lines, file);
    }
}
