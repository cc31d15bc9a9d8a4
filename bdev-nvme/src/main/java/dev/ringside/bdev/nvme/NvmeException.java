package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.spec.StatusCode;
import dev.ringside.env.linux.Errno;
import java.io.IOException;

/** A controller did not do what it was told. */
public final class NvmeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Makes one with a message that names the controller's part in it. */
    public NvmeException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** What went wrong. */
    public enum Kind {
        /** A command ended with an error. */
        STATUS(Errno.EIO),
        /** It did not answer in time. */
        TIMEOUT(Errno.ETIMEDOUT),
        /** It says that it has failed (CSTS.CFS), or what it says makes no sense. */
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

    /** A command ended with a status other than success. */
    public static NvmeException ofStatus(String command, int status) {
        return new NvmeException(Kind.STATUS, command + " failed: " + StatusCode.describe(status));
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
