package dev.ringside.vhost.queue;

/** The seed of a random test: taken from {@code -Dseed=} or fresh, and printed so that a failure can be repeated. */
public final class Seed {
    private Seed() {}

    /** A seed for the test of a name. */
    public static long of(String test) {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(test + ": -Dseed=" + seed);
        return seed;
    }
}
