package dev.ringside.rpc.server;

import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The answers that wait for one client to read them. Any thread puts, the selector's thread writes.
 */
final class Outbox {
    private final int limit;
    private final Queue<ByteBuffer> waiting = new ArrayDeque<>();
    private long pending;
    private boolean overflowed;
    private boolean discarding;

    Outbox(int limit) {
        this.limit = limit;
    }

    /**
     * Takes an answer; past the limit an error takes its place, and what comes later is dropped.
     *
     * @param answer null: larger than the limit by itself
     * @param id of the request, for the error
     * @return whether this answer is the one that passed the limit
     */
    synchronized boolean put(byte @Nullable [] answer, JsonNode id) {
        if (discarding || overflowed) {
            return false;
        }
        if (answer != null && pending + answer.length <= limit) {
            add(answer);
            return false;
        }
        overflowed = true;
        add(Answers.error(
                id,
                RpcException.errno(
                        Errno.ENOBUFS, "the limit of " + limit + " bytes of answers that wait for this client")));
        return true;
    }

    /** Nobody will read any more: drops what waits and what comes. */
    synchronized void discard() {
        discarding = true;
        waiting.clear();
        pending = 0;
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    synchronized boolean isOverflowed() {
        return overflowed;
    }

    /** Writes as much as the socket takes; the number of bytes. */
    synchronized long writeTo(SocketChannel channel) throws IOException {
        long total = 0;
        while (true) {
            ByteBuffer next = waiting.peek();
            if (next == null) {
                return total;
            }
            int written = channel.write(next);
            total += written;
            pending -= written;
            if (next.hasRemaining()) {
                return total;
            }
            waiting.remove();
        }
    }

    private void add(byte[] answer) {
        waiting.add(ByteBuffer.wrap(answer));
        pending += answer.length;
    }
}
