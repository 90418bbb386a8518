package io.grip.supervisor.benchmark.report;

import io.grip.supervisor.benchmark.report.Rounds.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A section of the page of figures, written by a run: everything between two marks that name it. Not thread-safe. */
public final class Page {

    /** What decides whether a figure is good enough. */
    public enum Want {
        /** The less the better. */
        AT_MOST("≤"),
        /** The more the better. */
        AT_LEAST("≥");

        private final String sign;

        Want(String sign) {
            this.sign = sign;
        }
    }

    private final StringBuilder text = new StringBuilder();

    /** Whether this JVM is of the newer of the two generations that goals are set for. */
    public static boolean isNewer() {
        return Runtime.version().feature() >= 21;
    }

    /** Adds a line. */
    public Page line(String format, Object... args) {
        text.append(String.format(Locale.ROOT, format, args)).append('\n');
        return this;
    }

    /** Begins a table. */
    public Page table(String... heads) {
        line("").line("| %s |", String.join(" | ", heads));
        return line("|%s", "---|".repeat(heads.length));
    }

    /** Adds a row to a table. */
    public Page row(Object... cells) {
        return line("| %s |", List.of(cells).stream().map(String::valueOf).collect(Collectors.joining(" | ")));
    }

    /** A table of rows beside a reference. */
    public Page rows(Rounds rounds, List<Row> rows, String reference) {
        table("row", "ns", "rounds", "× " + reference, "B/op");
        for (Row row : rows) {
            row(
                    row.name(),
                    number(row.median()),
                    numbers(row.nanos()),
                    number(Rounds.medianOf(rounds.ratios(row.name(), reference))),
                    bytes(row.bytes()));
        }
        return line("");
    }

    /** Begins a table of goals. */
    public Page goals() {
        return table("what", "against", "rounds", "figure", "goal", "met", "stretch", "met");
    }

    /** A ratio within rounds, beside its goal. */
    public Page goal(Rounds rounds, String what, String row, String against, double goal, double stretch) {
        List<Double> ratios = rounds.ratios(row, against);
        return goal(what, against, numbers(ratios), Rounds.medianOf(ratios), Want.AT_MOST, goal, stretch);
    }

    /** A figure beside its goal. */
    public Page goal(
            String what, String against, String rounds, double figure, Want want, double goal, double stretch) {
        return row(
                what,
                against,
                rounds,
                number(figure),
                want.sign + " " + number(goal),
                met(figure, want, goal),
                want.sign + " " + number(stretch),
                met(figure, want, stretch));
    }

    private static String met(double figure, Want want, double goal) {
        boolean met = want == Want.AT_MOST ? figure <= goal : figure >= goal;
        return met ? "yes" : "**no**";
    }

    /** A number with as many digits as mean something. */
    public static String number(double value) {
        String format = Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    private static String numbers(List<Double> values) {
        return values.stream().map(Page::number).collect(Collectors.joining(", "));
    }

    private static String bytes(double bytes) {
        return String.format(Locale.ROOT, "%.0f", bytes);
    }

    /** What it was measured on. */
    public Page machine(String command) {
        Runtime.Version version = Runtime.version();
        return line(
                "JDK %s, %d processors, %s. Command: `%s`.",
                version, Runtime.getRuntime().availableProcessors(), System.getProperty("os.arch"), command);
    }

    /** Puts this in the place of the section of that name in a page. */
    public void writeTo(Path page, String section) throws IOException {
        String begin = "<!-- begin " + section + " -->\n";
        String end = "<!-- end " + section + " -->\n";
        String old = Files.readString(page);
        int from = old.indexOf(begin);
        int to = old.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(page + " has no section between '" + begin.trim() + "' and '" + end.trim() + "'");
        }
        Files.writeString(page, old.substring(0, from + begin.length()) + text + old.substring(to));
        System.out.println("Written: section " + section + " of " + page);
    }
}
