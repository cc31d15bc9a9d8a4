package dev.ringside.env.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A service manager's end of sd_notify(3). */
public final class NotifySocket implements AutoCloseable {
    private static final int LONGEST = 256;

    private final Fd fd;

    private NotifySocket(Fd fd) {
        this.fd = fd;
    }

    /** Listens on a path. */
    public static NotifySocket on(Path path) throws LinuxException {
        Fd fd = Fd.adopt(Kernel.check("socket", Kernel.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM)));
        try (Arena arena = Arena.ofConfined()) {
            Kernel.check(
                    "bind", Kernel.bind(fd.number(), UnixAddress.of(arena, path).address(), SockaddrUn.SIZE));
        }
        return new NotifySocket(fd);
    }

    /** The next word; waits for it. */
    public String next() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LONGEST);
            long length = Kernel.check("read", Kernel.read(fd.number(), buffer.address(), LONGEST));
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
