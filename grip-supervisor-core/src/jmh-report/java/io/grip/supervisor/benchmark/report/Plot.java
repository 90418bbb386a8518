package io.grip.supervisor.benchmark.report;

import io.grip.supervisor.benchmark.report.Rounds.Row;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws rows. */
public final class Plot {

    private Plot() {}

    /** A bar for each row, as an SVG; the file's name is given without its ending. */
    public static void bars(String title, List<Row> rows, Path file) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(640)
                .height(320)
                .title(title)
                .yAxisTitle("ns a call")
                .build();
        chart.getStyler().setAvailableSpaceFill(0.5);
        chart.getStyler().setLegendVisible(false);
        chart.addSeries(
                "ns",
                rows.stream()
                        .map(row -> row.name().substring(row.name().indexOf(':') + 1))
                        .toList(),
                rows.stream().map(Row::median).toList());
        save(chart, file);
    }

    /** A line for each name, its values one apart and the first at zero, as an SVG; the file's name is given without its ending. */
    public static void lines(String title, String x, String y, Map<String, List<Integer>> lines, Path file)
            throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(640)
                .height(320)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setMarkerSize(0);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        chart.getStyler().setYAxisMin(0.0);
        lines.forEach(chart::addSeries);
        save(chart, file);
    }

    private static void save(Chart<?, ?> chart, Path file) throws IOException {
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        Files.createDirectories(file.getParent());
        VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    }
}
