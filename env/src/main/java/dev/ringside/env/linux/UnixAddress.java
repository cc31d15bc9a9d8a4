package dev.ringside.env.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The name of a UNIX socket in the file system, as the kernel takes it. */
record UnixAddress(MemorySegment name) {
    private static final int MAX_PATH = SockaddrUn.SIZE - SockaddrUn.SUN_PATH - 1;

    static UnixAddress of(Arena arena, Path path) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        // Without a path, bind(2) would make a name up.
        if (bytes.length < 1 || bytes.length > MAX_PATH) {
            throw new IllegalArgumentException("the path of a UNIX socket has from 1 to " + MAX_PATH
                    + " bytes, this has " + bytes.length + ": " + path);
        }
        MemorySegment name = arena.allocate(SockaddrUn.SIZE, Long.BYTES);
        name.set(ValueLayout.JAVA_SHORT, SockaddrUn.SUN_FAMILY, (short) Sockets.AF_UNIX);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, SockaddrUn.SUN_PATH, bytes.length);
        return new UnixAddress(name);
    }

    static Fd socket() throws LinuxException {
        int type = Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC;
        return Fd.adopt(Kernel.check("socket", Kernel.socket(Sockets.AF_UNIX, type)));
    }

    /** The address of the whole structure. */
    long address() {
        return name.address();
    }

    /** The address of the path, which ends with a zero byte. */
    long path() {
        return name.address() + SockaddrUn.SUN_PATH;
    }
}
