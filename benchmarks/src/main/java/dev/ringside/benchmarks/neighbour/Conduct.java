package dev.ringside.benchmarks.neighbour;

/** What a {@link Neighbour} does in a round. */
public enum Conduct {
    /** Reads 64 blocks of 4 KiB, all in flight at once. */
    INNOCENT,
    /** Has the device look at 64 requests of as many descriptors as it takes, all of them in one table. */
    CHAINS,
    /** Breaks its ring, kicks it 64 times, and sets it up again. */
    BREAKS,
    /** Sends 64 messages that concern its ring, each of which is answered. */
    MESSAGES,
    /** Stops its ring, which is as large as a ring may be, and starts it again. */
    RESTARTS,
    /** Each of the bad ones in turn. */
    HOSTILE
}
