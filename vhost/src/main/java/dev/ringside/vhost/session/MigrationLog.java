package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Memfd;
import dev.ringside.vhost.memory.DirtyLog;
import dev.ringside.vhost.memory.SharedFile;
import dev.ringside.vhost.session.SessionState.Area;
import dev.ringside.vhost.session.SessionState.Log;
import dev.ringside.vhost.wire.LogDescription;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.ProtocolException;
import org.jspecify.annotations.Nullable;

/** The dirty log of a session: what the front end gave, in force while VHOST_F_LOG_ALL is. Owned by the session's thread. */
final class MigrationLog implements AutoCloseable {
    private final Runnable tellRings;
    private @Nullable DirtyLog given;
    private boolean wanted;

    /**
     * Makes one without a log.
     *
     * @param tellRings has every ring that runs use the log of now, or none, and returns when they do
     */
    MigrationLog(Runnable tellRings) {
        this.tellRings = tellRings;
    }

    /** SET_LOG_BASE. */
    void use(Message message) throws ProtocolException, LinuxException {
        if (message.payload().byteSize() < LogDescription.BYTES) {
            throw new ProtocolException("SET_LOG_BASE without a size and an offset");
        }
        long size = message.u64(LogDescription.MMAP_SIZE);
        long offset = message.u64(LogDescription.MMAP_OFFSET);
        if (size < Integer.BYTES
                || size % Integer.BYTES != 0
                || offset < 0
                || offset > Long.MAX_VALUE - size
                || offset % Integer.BYTES != 0) {
            throw new ProtocolException("SET_LOG_BASE of " + size + " bytes at offset " + offset
                    + ": whole 32-bit words at a multiple of 4 are allowed");
        }
        DirtyLog old = given;
        try (Fd fd = message.fd(0)) {
            given = new DirtyLog(map(fd, offset, size));
        }
        tellRings.run();
        closeLog(old);
    }

    /** Whether VHOST_F_LOG_ALL is in force; true if that is a change. */
    boolean want(boolean on) {
        if (wanted == on) {
            return false;
        }
        wanted = on;
        tellRings.run();
        return true;
    }

    /** The log that rings have to use now; null: none. */
    @Nullable
    DirtyLog current() {
        return wanted ? given : null;
    }

    /** The log, for another process; null if there is none. */
    @Nullable
    Log state() {
        DirtyLog now = given;
        return now == null ? null : new Log(Area.of(now.file()), wanted);
    }

    /** Uses what another process did; before a ring runs. */
    void adopt(Log state) throws ProtocolException {
        Area area = state.area();
        given = new DirtyLog(map(area.file(), area.offset(), area.size()));
        wanted = state.wanted();
    }

    @Override
    public void close() {
        closeLog(given);
        given = null;
    }

    /** A log that could vanish is refused: bits are set with an atomic operation, whose fault the interpreter does not survive. */
    private static SharedFile map(Fd fd, long offset, long size) throws ProtocolException {
        try {
            Memfd.sealAgainstShrinking(fd);
        } catch (LinuxException e) {
            throw new ProtocolException(
                    "SET_LOG_BASE: the file could be made shorter at any time: a memfd with F_SEAL_SHRINK, or one that"
                            + " allows it, is needed (" + e.getMessage() + ")",
                    e);
        }
        SharedFile file;
        try {
            file = SharedFile.map(fd, offset, size);
        } catch (LinuxException | IllegalArgumentException e) {
            throw new ProtocolException("SET_LOG_BASE: " + e.getMessage(), e);
        }
        if (!file.present()) {
            file.close();
            throw new ProtocolException("SET_LOG_BASE: the file is shorter than " + (offset + size) + " bytes");
        }
        return file;
    }

    private static void closeLog(@Nullable DirtyLog log) {
        if (log != null) {
            log.close();
        }
    }
}
