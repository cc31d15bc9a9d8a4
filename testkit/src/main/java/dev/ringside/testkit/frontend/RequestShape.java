package dev.ringside.testkit.frontend;

import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.vhost.blk.BlkLayout;

/**
 * How a driver cuts a block request into buffers. A device must bear each of them (virtio 1.2, 2.6.4: no assumption on the
 * framing). The request lies in one piece of memory: header, data, status byte.
 */
public enum RequestShape {
    /** Header, data, status: what every driver does. */
    PLAIN,
    /** The header in two buffers, cut inside the type. */
    SPLIT_HEADER,
    /** A buffer for each byte of the header, and the data cut at odd places. */
    BYTES,
    /** The data in pieces that end at no block's border. */
    SCATTERED,
    /** Header and data that the device reads in one buffer, data and status that it writes in another. */
    MERGED,
    /** As plain, with empty buffers between. */
    EMPTY_BETWEEN;

    private static final int ODD_PIECE = 997;
    private static final int MAX_PIECES = 24;

    /**
     * Describes a request to a queue.
     *
     * @param at guest-physical address of the header; the data follows it, then the status
     * @param bytes of data
     * @param in whether the device writes the data
     */
    public void describe(DriverQueue queue, long at, int bytes, boolean in) {
        long data = at + BlkLayout.HEADER_BYTES;
        switch (this) {
            case PLAIN -> {
                queue.readable(at, BlkLayout.HEADER_BYTES);
                piece(queue, data, bytes, in);
                queue.writable(data + bytes, 1);
            }
            case SPLIT_HEADER -> {
                queue.readable(at, 3);
                queue.readable(at + 3, BlkLayout.HEADER_BYTES - 3);
                piece(queue, data, bytes, in);
                queue.writable(data + bytes, 1);
            }
            case BYTES -> {
                for (int i = 0; i < BlkLayout.HEADER_BYTES; i++) {
                    queue.readable(at + i, 1);
                }
                pieces(queue, data, bytes, in, Math.max(1, bytes / 7));
                queue.writable(data + bytes, 1);
            }
            case SCATTERED -> {
                queue.readable(at, BlkLayout.HEADER_BYTES);
                pieces(queue, data, bytes, in, Math.max(ODD_PIECE, bytes / MAX_PIECES + 1));
                queue.writable(data + bytes, 1);
            }
            case MERGED -> {
                queue.readable(at, BlkLayout.HEADER_BYTES + (in ? 0 : bytes));
                queue.writable(data + (in ? 0 : bytes), (in ? bytes : 0) + 1);
            }
            case EMPTY_BETWEEN -> {
                queue.readable(at, 0);
                queue.readable(at, BlkLayout.HEADER_BYTES);
                queue.readable(data, 0);
                piece(queue, data, bytes, in);
                queue.writable(data, 0);
                queue.writable(data + bytes, 1);
            }
        }
    }

    private static void pieces(DriverQueue queue, long data, int bytes, boolean in, int length) {
        for (int done = 0; done < bytes; done += length) {
            piece(queue, data + done, Math.min(length, bytes - done), in);
        }
    }

    private static void piece(DriverQueue queue, long address, int length, boolean in) {
        if (length == 0) {
            return;
        }
        if (in) {
            queue.writable(address, length);
        } else {
            queue.readable(address, length);
        }
    }
}
