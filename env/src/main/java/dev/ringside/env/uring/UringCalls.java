package dev.ringside.env.uring;

import dev.ringside.env.ffi.SystemCall;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.uring.UringLayout.Constants;

/** The three system calls of io_uring. Each returns a result or -errno. */
final class UringCalls {
    private UringCalls() {}

    static int setup(int entries, long params) {
        return (int) SystemCall.invoke(Constants.SYS_io_uring_setup, entries, params, 0, 0, 0, 0);
    }

    /** Allocates nothing when it succeeds. */
    static int enter(int fd, int toSubmit, int minComplete, int flags) {
        return (int) SystemCall.invokeAgainToFail(Constants.SYS_io_uring_enter, fd, toSubmit, minComplete, flags, 0, 0);
    }

    static int register(int fd, int operation, long argument, int count) {
        return (int) SystemCall.invoke(Constants.SYS_io_uring_register, fd, operation, argument, count, 0, 0);
    }

    static void check(String call, int result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, -result);
        }
    }
}
