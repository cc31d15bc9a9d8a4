package dev.ringside.rpc.server;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The answers to the members of a batch, kept in the order of the requests until the last one is there.
 * Safe for use by any thread.
 */
final class Batch {
    private static final byte[] NONE = {};

    private final byte[][] answers;
    private final long limit;
    private int missing;
    private long bytes;

    Batch(int members, int limit) {
        this.answers = new byte[members][0];
        this.missing = members;
        this.limit = limit;
    }

    /** Takes one answer (empty: none is due); whether it was the last one. */
    synchronized boolean put(int index, byte[] answer) {
        if (answer.length > 0) {
            bytes += answer.length + 1;
            if (bytes <= limit) {
                answers[index] = answer;
            } else {
                // Too much already, so all of it will be refused: do not keep it either.
                Arrays.fill(answers, NONE);
            }
        }
        return --missing == 0;
    }

    /** The whole answer; empty if there is nothing to answer, null if it is larger than the limit. */
    synchronized byte @Nullable [] joined() {
        if (bytes > limit) {
            return null;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) bytes + 2);
        for (byte[] answer : answers) {
            if (answer.length > 0) {
                out.write(out.size() == 0 ? '[' : ',');
                out.write(answer, 0, answer.length - 1);
            }
        }
        if (out.size() > 0) {
            out.write(']');
            out.write('\n');
        }
        return out.toByteArray();
    }
}
