package dev.ringside.benchmarks.load;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which requests are made and in which order. */
public enum Pattern {
    /** Reads, one block after the other. */
    READ(100, false),
    /** Writes, one block after the other. */
    WRITE(0, false),
    /** Reads of blocks by chance. */
    RANDREAD(100, true),
    /** Writes of blocks by chance. */
    RANDWRITE(0, true),
    /** Reads and writes of blocks by chance. */
    RANDRW(50, true),
    /** Discards, one block after the other. */
    TRIM(0, false),
    /** Copies by the disk itself to blocks by chance, each from the block that is half a queue's part of the disk away. */
    COPY(0, true);

    private final int readPercent;
    private final boolean random;

    Pattern(int readPercent, boolean random) {
        this.readPercent = readPercent;
        this.random = random;
    }

    /** How many of 100 requests read, unless that is said otherwise. */
    public int readPercent() {
        return readPercent;
    }

    /** Whether blocks are chosen by chance; otherwise each queue goes through its part of the disk in order. */
    public boolean random() {
        return random;
    }

    /** Whether requests move data between the disk and memory. */
    public boolean movesData() {
        return this != TRIM && this != COPY;
    }

    /** The name as options and results have it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Names of all patterns. */
    public static String names() {
        return Arrays.stream(values()).map(Pattern::text).collect(Collectors.joining(", "));
    }

    /** The pattern of a name; an {@link IllegalArgumentException} that names all if there is none. */
    public static Pattern parse(String text) {
        for (Pattern pattern : values()) {
            if (pattern.text().equals(text)) {
                return pattern;
            }
        }
        throw new IllegalArgumentException(names() + " are allowed");
    }
}
