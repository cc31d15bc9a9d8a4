package dev.ringside.testkit.fuzz;

import java.util.Random;

/**
 * Everything random in an attack. Each step draws from a generator of its own, so that a step which took another turn, since
 * the back end was faster or slower, does not change those after it.
 */
final class Dice {
    private static final long[] EDGES = {
        0,
        1,
        2,
        4095,
        4096,
        0xffff,
        0x10000,
        (1L << 31) - 1,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 46,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -4096,
        -1
    };

    private final long seed;
    private Random random;
    /** One number in so many is bent; 0: none. */
    private int rate;

    Dice(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** A seed out of another one and a number. */
    static long seed(long seed, long number) {
        long mixed = seed + (number + 1) * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }

    /** What is drawn from now on depends on the seed and on this number only. */
    void step(int number) {
        random = new Random(seed(seed, number));
    }

    /** Bends one number in so many; 0: none. */
    void bendOneIn(int numbers) {
        rate = numbers;
    }

    /** Whether numbers are bent at all. */
    boolean bends() {
        return rate > 0;
    }

    /** From 0 to below a limit, which is at least 1. */
    int below(int limit) {
        return random.nextInt(limit);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    /** Whether to do something wrong here: as often as numbers are bent. */
    boolean wrong() {
        return rate > 0 && random.nextInt(rate) == 0;
    }

    long any() {
        return random.nextLong();
    }

    int pick(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A number where something begins or ends, or one beside it. */
    long edge() {
        return EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
    }

    /** The right number, or now and then another one. */
    long bent(long right) {
        if (!wrong()) {
            return right;
        }
        return switch (random.nextInt(5)) {
            case 0 -> right + 1;
            case 1 -> right - 1;
            case 2 -> right ^ 1L << random.nextInt(64);
            case 3 -> random.nextLong();
            default -> edge();
        };
    }

    /** As {@link #bent(long)}, of 32 bits. */
    int bent(int right) {
        if (!wrong()) {
            return right;
        }
        return switch (random.nextInt(5)) {
            case 0 -> right + 1;
            case 1 -> right - 1;
            case 2 -> right ^ 1 << random.nextInt(32);
            case 3 -> random.nextInt();
            default -> (int) edge();
        };
    }

    /** As {@link #bent(long)}, of 16 bits: more often one that is nearly right. */
    int bent16(int right) {
        if (!wrong()) {
            return right;
        }
        return switch (random.nextInt(4)) {
                    case 0 -> right + 1;
                    case 1 -> right ^ 1 << random.nextInt(16);
                    case 2 -> random.nextInt(1 << 16);
                    default -> right - 1;
                }
                & 0xffff;
    }
}
