package dev.ringside.bdev.scsi.host;

import dev.ringside.env.linux.Errno;
import java.io.IOException;

/** An adapter, or a device behind it, did not do what it was told. */
public final class ScsiHostException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Makes one with a message that names the adapter's part in it. */
    public ScsiHostException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** Makes one for a failure of something underneath. */
    public ScsiHostException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What went wrong. */
    public enum Kind {
        /** A request was answered with an error; the adapter works. */
        STATUS(Errno.EIO),
        /** It did not answer in time. */
        TIMEOUT(Errno.ETIMEDOUT),
        /** It says that it has failed, or what it says makes no sense. */
        FATAL(Errno.EIO),
        /** It is not there any more: registers read as all ones. */
        GONE(Errno.ENODEV),
        /** It is of a kind that is not driven. */
        UNSUPPORTED(Errno.EOPNOTSUPP);

        private final int errno;

        Kind(int errno) {
            this.errno = errno;
        }
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** The errno that the outside is told, positive. */
    public int errno() {
        return kind.errno;
    }
}
