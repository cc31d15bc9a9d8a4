package dev.ringside.qemu;

import java.time.Duration;

/** A point in time by which something must have happened. */
final class Deadline {
    private final Duration length;
    private final long end;

    private Deadline(Duration length) {
        this.length = length;
        this.end = System.nanoTime() + length.toNanos();
    }

    static Deadline in(Duration length) {
        return new Deadline(length);
    }

    /** Nanoseconds left; zero or negative when it has passed. */
    long nanosLeft() {
        return end - System.nanoTime();
    }

    boolean passed() {
        return nanosLeft() <= 0;
    }

    @Override
    public String toString() {
        return length.toMillis() / 1000.0 + " s";
    }
}
