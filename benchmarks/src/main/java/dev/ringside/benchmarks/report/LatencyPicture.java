package dev.ringside.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A histogram as horizontal bars, for a terminal: a line for each half, or third, of a power of ten. */
public final class LatencyPicture {
    private static final int WIDTH = 50;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";
    private static final long[] STEPS = {10, 12, 15, 20, 25, 30, 40, 50, 60, 80};

    private LatencyPicture() {}

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
        List<long[]> rows = rows(latency);
        long most = rows.stream().mapToLong(row -> row[2]).max().orElse(1);
        List<String> lines = new ArrayList<>();
        for (long[] row : rows) {
            double share = 100.0 * row[2] / latency.getTotalCount();
            lines.add(String.format(
                    Locale.ROOT,
                    "%9s - %-9s %s %7.3f %%",
                    Micros.of((double) row[0]),
                    Micros.of((double) row[1]),
                    bar(row[2], most),
                    share));
        }
        return lines;
    }

    /** From, to and count of each bucket between the shortest and the longest latency; long empty stretches are left out. */
    private static List<long[]> rows(Histogram latency) {
        List<long[]> rows = new ArrayList<>();
        long shortest = latency.getMinValue();
        long longest = latency.getMaxValue();
        long power = 1;
        while (power * 10 <= shortest) {
            power *= 10;
        }
        for (long scale = power; scale <= longest; scale *= 10) {
            for (int i = 0; i < STEPS.length; i++) {
                long from = STEPS[i] * scale / 10;
                long to = i + 1 < STEPS.length ? STEPS[i + 1] * scale / 10 : scale * 10;
                if (to <= from || to <= shortest || from > longest) {
                    continue;
                }
                long count = latency.getCountBetweenValues(from, to - 1);
                if (count > 0) {
                    rows.add(new long[] {from, to, count});
                }
            }
        }
        return rows;
    }

    /** A bar as wide as its share of the widest; what is there at all is at least an eighth of a character. */
    private static String bar(long count, long most) {
        long eighths = Math.max(1, Math.round((double) count / most * WIDTH * 8));
        String full = "█".repeat((int) (eighths / 8));
        String rest = eighths % 8 == 0 ? "" : String.valueOf(EIGHTHS.charAt((int) (eighths % 8)));
        return full + rest + " ".repeat(WIDTH - full.length() - rest.length());
    }
}
