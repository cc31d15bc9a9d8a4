package dev.ringside.benchmarks.report;

import java.util.Locale;

/** Times for people. */
final class Micros {
    private Micros() {}

    /** Nanoseconds as text with a unit, three digits or so. */
    static String of(double ns) {
        if (ns < 1e3) {
            return String.format(Locale.ROOT, "%.0f ns", ns);
        }
        if (ns < 1e6) {
            return number(ns / 1e3) + " µs";
        }
        return ns < 1e9 ? number(ns / 1e6) + " ms" : number(ns / 1e9) + " s";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
