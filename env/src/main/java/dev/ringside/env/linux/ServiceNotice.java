package dev.ringside.env.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Tells the service manager how the process is doing (sd_notify(3)): one datagram for each word. */
public final class ServiceNotice {
    private static final String SOCKET = "NOTIFY_SOCKET";
    /** An abstract address begins with a zero byte, which the variable shows as this. */
    private static final char ABSTRACT = '@';

    private ServiceNotice() {}

    /**
     * Tells the service manager a word, if one has started this process and wants to know.
     *
     * @param word such as {@code READY=1}
     * @return whether somebody was told
     * @throws LinuxException if the manager cannot be reached
     */
    public static boolean tell(String word) throws LinuxException {
        String socket = System.getenv(SOCKET);
        if (socket == null || socket.isEmpty()) {
            return false;
        }
        tell(socket, word);
        return true;
    }

    static void tell(String socket, String word) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] name = socket.getBytes(StandardCharsets.UTF_8);
            if (name.length >= SockaddrUn.SIZE - SockaddrUn.SUN_PATH) {
                throw new LinuxException("connect", socket, Errno.EINVAL);
            }
            MemorySegment address = arena.allocate(SockaddrUn.SIZE, Long.BYTES);
            address.set(ValueLayout.JAVA_SHORT, SockaddrUn.SUN_FAMILY, (short) Sockets.AF_UNIX);
            MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, SockaddrUn.SUN_PATH, name.length);
            if (socket.charAt(0) == ABSTRACT) {
                address.set(ValueLayout.JAVA_BYTE, SockaddrUn.SUN_PATH, (byte) 0);
            }
            MemorySegment bytes = arena.allocateFrom(word);
            int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
            try (Fd fd = Fd.adopt(Kernel.check("socket", Kernel.socket(Sockets.AF_UNIX, type)))) {
                // The length says where an abstract name ends.
                int length = SockaddrUn.SUN_PATH + name.length;
                Kernel.check("connect", socket, Kernel.connect(fd.number(), address.address(), length));
                Kernel.check("write", Kernel.write(fd.number(), bytes.address(), bytes.byteSize() - 1));
            }
        }
    }
}
