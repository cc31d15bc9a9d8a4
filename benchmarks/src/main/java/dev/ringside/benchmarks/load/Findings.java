package dev.ringside.benchmarks.load;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What went wrong on a queue: counts, and the first case in words. Owned by the queue's thread. */
final class Findings {
    private long ioErrors;
    private long verifyErrors;
    private long verified;
    private @Nullable String first;

    void ioError() {
        ioErrors++;
    }

    void verifyError() {
        verifyErrors++;
    }

    void verified() {
        verified++;
    }

    /** Whether nobody has told of a case yet. */
    boolean wantsCase() {
        return first == null;
    }

    /** Tells of the first case. */
    void tell(String what) {
        first = what;
    }

    /** Requests that the device failed. */
    long ioErrors() {
        return ioErrors;
    }

    /** Blocks that did not hold what was written. */
    long verifyErrors() {
        return verifyErrors;
    }

    /** Blocks that were checked. */
    long verifiedBlocks() {
        return verified;
    }

    Optional<String> first() {
        return Optional.ofNullable(first);
    }
}
