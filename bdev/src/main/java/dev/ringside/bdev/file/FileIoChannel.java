package dev.ringside.bdev.file;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.DeviceRequests;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import java.util.function.Consumer;

/** One reactor's way to a file disk, through the reactor's ring. */
final class FileIoChannel implements IoChannel {
    private final OpenFile file;
    private final ReactorRing ring;
    /** The file's slot in the ring; {@link ReactorRing#NO_SLOT}: it is named by its descriptor. */
    private final int slot;

    private final Consumer<FileIoChannel> onClose;
    private final SharedCounter direct = new SharedCounter();
    private final SharedCounter registered = new SharedCounter();
    private final SharedCounter bounced = new SharedCounter();
    private final SharedCounter refused = new SharedCounter();
    private final DeviceRequests requests = new DeviceRequests();

    FileIoChannel(OpenFile file, ReactorRing ring, Consumer<FileIoChannel> onClose) {
        this.file = file;
        this.ring = ring;
        this.slot = ring.registerFile(file.fd());
        this.onClose = onClose;
    }

    @Override
    public boolean submit(BdevIo io) {
        if (requests.resetting()) {
            return false;
        }
        if (io.type() == IoType.RESET) {
            requests.reset(io);
            return true;
        }
        try {
            if (!ring.start(this, io)) {
                refused.increment();
                return false;
            }
        } catch (InternalError e) {
            // The guest's memory vanished under a copy.
            io.complete(-Errno.EFAULT);
            return true;
        }
        requests.add();
        return true;
    }

    @Override
    public void flush() {
        ring.submit();
    }

    @Override
    public void close() {
        onClose.accept(this);
        ring.forgetFile(slot);
        ring.leave();
    }

    OpenFile file() {
        return file;
    }

    /** Whether the ring knows the file, so that {@link #fd} is its slot there. */
    boolean registered() {
        return slot != ReactorRing.NO_SLOT;
    }

    /** What names the file in an operation. */
    int fd() {
        return registered() ? slot : file.fd();
    }

    /** A request is back from the ring, and its slot is free. */
    void done(BdevIo io, int status) {
        requests.complete(io, status);
    }

    void countDirect() {
        direct.increment();
    }

    void countRegistered() {
        registered.increment();
    }

    void countBounced() {
        bounced.increment();
    }

    /** What was done so far; any thread. */
    FileStats stats() {
        return new FileStats(direct.get(), registered.get(), bounced.get(), refused.get());
    }
}
