package dev.ringside.env.linux;

import java.io.IOException;

/** A system call failed. The message reads "bind /run/x.sock: Address already in use (EADDRINUSE)". */
public class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /**
     * Names the call and its errno.
     *
     * @param call the system call, such as "bind"
     * @param errno one of {@link Errno}, positive
     */
    public LinuxException(String call, int errno) {
        this(call, "", errno);
    }

    /**
     * Names the call, what it was about, and its errno.
     *
     * @param call the system call, such as "bind"
     * @param subject what it was called on, such as a path
     * @param errno one of {@link Errno}, positive
     */
    public LinuxException(String call, String subject, int errno) {
        this(call, subject, errno, "");
    }

    /**
     * Names the call, what it was about, its errno, and what to do about it.
     *
     * @param call the system call, such as "bind"
     * @param subject what it was called on, such as a path; may be empty
     * @param errno one of {@link Errno}, positive
     * @param advice what it probably means and how to put it right; may be empty
     */
    public LinuxException(String call, String subject, int errno, String advice) {
        super(call
                + (subject.isEmpty() ? "" : " " + subject)
                + ": "
                + Errno.message(errno)
                + " ("
                + Errno.name(errno)
                + ")"
                + (advice.isEmpty() ? "" : ": " + advice));
        this.call = call;
        this.errno = errno;
    }

    /** {@return the errno, positive} */
    public int errno() {
        return errno;
    }

    /** {@return the system call that failed} */
    public String call() {
        return call;
    }
}
