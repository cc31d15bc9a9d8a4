package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.env.dma.DmaBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One command that can be in flight, by its identifier; reused for ever. Owned by its pair of queues. */
final class Tracker {
    /** How far the recovery of a command that does not end has come. */
    enum Patience {
        WAITING,
        ABORTING,
        RESETTING
    }

    final int id;
    final DataPointer pointer;

    /** A copy of the data, where the controller does not reach the data itself. */
    @Nullable
    DmaBuffer copy;

    /** How often it was tried again. */
    int retries;
    /** When it was given to the controller, or, while it waits to be tried again, when it shall be. */
    long timeNs;

    boolean delayed;
    /** Whether its command has never been with the controller. */
    boolean kept;

    Patience patience = Patience.WAITING;

    private @Nullable NamespaceChannel channel;
    private @Nullable BdevIo io;

    Tracker(int id, DataPointer pointer) {
        this.id = id;
        this.pointer = pointer;
    }

    boolean busy() {
        return io != null;
    }

    /** Whether its command is with the controller, as far as is known here. */
    boolean posted() {
        return io != null && !delayed;
    }

    BdevIo io() {
        return Objects.requireNonNull(io);
    }

    NamespaceChannel channel() {
        return Objects.requireNonNull(channel);
    }

    void begin(NamespaceChannel from, BdevIo request) {
        channel = from;
        io = request;
        retries = 0;
        delayed = false;
        patience = Patience.WAITING;
    }

    /** Is free again. */
    void end() {
        channel = null;
        io = null;
    }
}
