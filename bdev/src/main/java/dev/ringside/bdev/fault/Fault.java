package dev.ringside.bdev.fault;

import dev.ringside.bdev.IoType;
import java.util.EnumSet;
import java.util.Set;

/**
 * A fault: which requests it hits, when, and what happens to them.
 *
 * @param types of the requests it hits; RESET is never hit
 * @param firstBlock with {@code lastBlock}, requests that touch one of these blocks are hit, a COPY also by those that it reads; those
 *     without a range always are
 * @param lastBlock inclusive
 * @param probability of a request to be hit, above 0 to 1
 * @param count how many requests are hit, summed over the reactors, at least 1
 * @param queueDepth requests are hit only while their user has at least this many others in flight; at least 0
 * @param afterNs how long after it was given the fault begins, at least 0
 * @param forNs how long it lasts, at least 1
 */
public record Fault(
        Set<IoType> types,
        long firstBlock,
        long lastBlock,
        double probability,
        long count,
        int queueDepth,
        long afterNs,
        long forNs,
        FaultAction action) {
    /** As a count or a time: without end. */
    public static final long ENDLESS = Long.MAX_VALUE;

    /** Checks the ranges; {@link IllegalArgumentException}. */
    public Fault {
        types = Set.copyOf(EnumSet.copyOf(types));
        require(firstBlock >= 0 && lastBlock >= firstBlock, "blocks " + firstBlock + " to " + lastBlock);
        require(probability > 0 && probability <= 1, "probability " + probability + ": above 0 to 1 is allowed");
        require(count >= 1 && queueDepth >= 0, "count " + count + ", queue depth " + queueDepth);
        require(afterNs >= 0 && forNs >= 1, "after " + afterNs + " ns, for " + forNs + " ns");
    }

    /** A fault of all requests of these types, at once and for ever. */
    public static Fault always(Set<IoType> types, FaultAction action) {
        return new Fault(types, 0, Long.MAX_VALUE, 1, ENDLESS, 0, 0, ENDLESS, action);
    }

    private static void require(boolean allowed, String what) {
        if (!allowed) {
            throw new IllegalArgumentException("a fault of " + what + " is impossible");
        }
    }
}
