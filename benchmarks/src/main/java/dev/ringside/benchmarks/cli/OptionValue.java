package dev.ringside.benchmarks.cli;

import dev.ringside.env.linux.CpuSet;
import java.util.Arrays;
import java.util.Locale;

/** Reads values of options; what is wrong is an {@link IllegalArgumentException} that says what is allowed. */
final class OptionValue {
    private OptionValue() {}

    /** A whole number in a range. */
    static long count(String option, String text, long least, long most) {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw wrong(option, text, "a whole number from " + least + " to " + most + " is allowed");
    }

    /** A number of bytes, with k, M or G behind it for powers of 1024. */
    static long bytes(String option, String text, long least, long most, int multipleOf) {
        String lower = text.toLowerCase(Locale.ROOT);
        int shift = lower.endsWith("k") ? 10 : lower.endsWith("m") ? 20 : lower.endsWith("g") ? 30 : 0;
        String digits = shift == 0 ? lower : lower.substring(0, lower.length() - 1);
        try {
            long value = Math.multiplyExact(Long.parseLong(digits), 1L << shift);
            if (value >= least && value <= most && value % multipleOf == 0) {
                return value;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // Told below.
        }
        throw wrong(
                option,
                text,
                "a multiple of " + multipleOf + " from " + least + " to " + most
                        + " is allowed, such as 4096, 4k or 1M");
    }

    /** Seconds, also fractions, as nanoseconds. */
    static long seconds(String option, String text, double least, double most) {
        try {
            double value = Double.parseDouble(text);
            if (value >= least && value <= most) {
                return Math.round(value * 1e9);
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw wrong(option, text, "seconds from " + plain(least) + " to " + plain(most) + " are allowed");
    }

    /** On or off. */
    static boolean onOff(String option, String text) {
        return switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw wrong(option, text, "on and off are allowed");
        };
    }

    /** Cores among those that there are, in ascending order; a number alone is a core and not a mask. */
    static int[] cores(String option, String text, CpuSet online) {
        boolean list = !text.startsWith("[") && !text.startsWith("0x") && !text.startsWith("0X");
        CpuSet named;
        try {
            named = CpuSet.parse(list ? "[" + text + "]" : text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
        for (int core : named.cores()) {
            if (!online.contains(core)) {
                throw wrong(option, text, "cores of " + Arrays.toString(online.cores()) + " are allowed");
            }
        }
        return named.cores();
    }

    static IllegalArgumentException wrong(String option, String text, String allowed) {
        return new IllegalArgumentException(option + " " + (text.isEmpty() ? "(empty)" : text) + ": " + allowed);
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
