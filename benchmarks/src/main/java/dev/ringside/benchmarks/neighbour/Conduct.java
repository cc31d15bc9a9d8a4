package dev.ringside.benchmarks.neighbour;

/** What a {@link Neighbour} does in a round. */
public enum Conduct {
    /** Reads 64 blocks of 4 KiB, all in flight at once. */
    INNOCENT(100),
    /** Has the device look at 64 requests of as many descriptors as it takes, all of them in one table. */
    CHAINS(500),
    /** Breaks its ring, kicks it 64 times, and sets it up again. */
    BREAKS(50),
    /** Sends 64 messages that concern its ring, each of which is answered. */
    MESSAGES(50),
    /** Stops its ring, which is as large as a ring may be, and starts it again. */
    RESTARTS(50);

    private final int rounds;

    Conduct(int rounds) {
        this.rounds = rounds;
    }

    /** Rounds in a second: as many as leave most of the processor, which the first guest needs, alone. */
    public int rounds() {
        return rounds;
    }
}
