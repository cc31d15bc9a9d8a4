package dev.ringside.bdev.scsi;

import dev.ringside.bdev.BdevException;
import dev.ringside.env.linux.Errno;
import java.util.ArrayList;
import java.util.List;

/** Which ranges of a disk are whose: no two overlap. Any thread. */
final class RangeClaims {
    private final List<Claim> claims = new ArrayList<>();

    /**
     * A range that somebody has.
     *
     * @param first block
     * @param blocks at least 1
     */
    record Claim(String owner, long first, long blocks) {
        private boolean overlaps(Claim other) {
            return first < other.first + other.blocks && other.first < first + blocks;
        }
    }

    /**
     * Takes a range.
     *
     * @throws BdevException EBUSY if somebody has a block of it
     */
    synchronized Claim claim(String owner, long first, long blocks) throws BdevException {
        Claim wanted = new Claim(owner, first, blocks);
        for (Claim claim : claims) {
            if (claim.overlaps(wanted)) {
                throw new BdevException(
                        Errno.EBUSY,
                        "blocks " + claim.first + " to " + (claim.first + claim.blocks - 1) + " belong to "
                                + claim.owner);
            }
        }
        claims.add(wanted);
        return wanted;
    }

    /** Gives a range back. */
    synchronized void release(Claim claim) {
        claims.remove(claim);
    }

    /** Those that there are, in the order of their blocks. */
    synchronized List<Claim> list() {
        return claims.stream().sorted((a, b) -> Long.compare(a.first, b.first)).toList();
    }
}
