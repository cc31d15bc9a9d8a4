package dev.ringside.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * A histogram as horizontal bars, for a terminal: a line for each step of a scale that is as fine as fits, and one for the
 * thousandth that took longest.
 */
public final class LatencyPicture {
    private static final int WIDTH = 50;
    private static final int MOST_LINES = 20;
    private static final double SHOWN = 99.9;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /** Steps within a power of ten, in tenths, from fine to coarse. */
    private static final List<int[]> SCALES = List.of(
            new int[] {
                10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26, 28, 30, 35, 40, 45, 50, 55, 60, 70, 80, 90
            },
            new int[] {10, 12, 15, 20, 25, 30, 40, 50, 60, 80},
            new int[] {10, 20, 50},
            new int[] {10});

    private LatencyPicture() {}

    private record Row(long from, long to, long count) {}

    /**
     * Draws the latencies.
     *
     * @param latency in ns
     * @return lines without ends; none if nothing was recorded
     */
    public static List<String> draw(Histogram latency) {
        if (latency.getTotalCount() == 0) {
            return List.of();
        }
        List<Row> rows = List.of();
        for (int[] scale : SCALES) {
            rows = rows(latency, scale);
            if (rows.size() <= MOST_LINES) {
                break;
            }
        }
        long most = rows.stream().mapToLong(Row::count).max().orElse(1);
        return rows.stream()
                .map(row -> line(row, most, latency.getTotalCount()))
                .toList();
    }

    private static String line(Row row, long most, long all) {
        return String.format(
                Locale.ROOT,
                "%9s - %-9s %s %7.3f %%",
                Micros.of((double) row.from),
                Micros.of((double) row.to),
                bar(row.count, most),
                100.0 * row.count / all);
    }

    /** A row for each step that has something in it, up to the longest but one in a thousand; then one for all the others. */
    private static List<Row> rows(Histogram latency, int[] steps) {
        List<Row> rows = new ArrayList<>();
        long shortest = latency.getMinValue();
        long shown = latency.getValueAtPercentile(SHOWN);
        long power = 10;
        while (power * 10 <= shortest) {
            power *= 10;
        }
        long to = 0;
        for (long scale = power == 10 ? 1 : power; to <= shown; scale *= 10) {
            for (int i = 0; i < steps.length && to <= shown; i++) {
                long from = to == 0 ? 0 : steps[i] * scale / 10;
                to = i + 1 < steps.length ? steps[i + 1] * scale / 10 : scale * 10;
                add(rows, latency, from, to);
            }
        }
        long longest = latency.getMaxValue();
        if (longest >= to) {
            add(rows, latency, to, longest + 1);
        }
        return rows;
    }

    private static void add(List<Row> rows, Histogram latency, long from, long to) {
        if (to > from) {
            long count = latency.getCountBetweenValues(from, to - 1);
            if (count > 0) {
                rows.add(new Row(from, to, count));
            }
        }
    }

    /** A bar as wide as its share of the widest; what is there at all is at least an eighth of a character. */
    private static String bar(long count, long most) {
        long eighths = Math.max(1, Math.round((double) count / most * WIDTH * 8));
        String full = "█".repeat((int) (eighths / 8));
        String rest = eighths % 8 == 0 ? "" : String.valueOf(EIGHTHS.charAt((int) (eighths % 8)));
        return full + rest + " ".repeat(WIDTH - full.length() - rest.length());
    }
}
