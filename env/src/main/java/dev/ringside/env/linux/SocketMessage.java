package dev.ringside.env.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringside.env.ffi.CExpression;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A msghdr, its only iovec, and room for as much control data as one message can carry. */
final class SocketMessage {
    /** As many descriptors as the kernel lets one message carry (unix(7)). */
    static final int MAX_FDS = 253;

    private static final int CONTROL_ROOM = (CmsgHdr.SIZE + MAX_FDS * Integer.BYTES + 7) & ~7;

    @CExpression("CMSG_SPACE(0)")
    private static final int CONTROL_HEADER = CmsgHdr.SIZE;

    private final MemorySegment header;
    private final MemorySegment iovec;
    private final MemorySegment control;

    SocketMessage(Arena arena, long address, long length) {
        header = arena.allocate(MsgHdr.SIZE, Long.BYTES);
        iovec = arena.allocate(Iovec.SIZE, Long.BYTES);
        control = arena.allocate(CONTROL_ROOM, Long.BYTES);
        header.set(JAVA_LONG, MsgHdr.MSG_IOV, iovec.address());
        header.set(JAVA_LONG, MsgHdr.MSG_IOVLEN, 1);
        payload(address, length);
    }

    /** Points to other data, for the rest of a message that went in part. */
    void payload(long address, long length) {
        Iovec.set(iovec, 0, address, length);
    }

    /** Asks the kernel for control data. */
    void expectControl() {
        header.set(JAVA_LONG, MsgHdr.MSG_CONTROL, control.address());
        header.set(JAVA_LONG, MsgHdr.MSG_CONTROLLEN, CONTROL_ROOM);
    }

    /** Attaches the descriptors; none for an empty list. */
    void attach(List<Fd> fds) {
        int size = CONTROL_HEADER + fds.size() * Integer.BYTES;
        control.set(JAVA_LONG, CmsgHdr.CMSG_LEN, size);
        control.set(JAVA_INT, CmsgHdr.CMSG_LEVEL, Sockets.SOL_SOCKET);
        control.set(JAVA_INT, CmsgHdr.CMSG_TYPE, Sockets.SCM_RIGHTS);
        for (int i = 0; i < fds.size(); i++) {
            control.set(
                    JAVA_INT,
                    CONTROL_HEADER + (long) i * Integer.BYTES,
                    fds.get(i).number());
        }
        header.set(JAVA_LONG, MsgHdr.MSG_CONTROL, fds.isEmpty() ? 0 : control.address());
        header.set(JAVA_LONG, MsgHdr.MSG_CONTROLLEN, fds.isEmpty() ? 0 : (size + 7) & ~7);
    }

    /** Takes over the descriptors that came. */
    List<Fd> received() {
        List<Fd> fds = new ArrayList<>();
        long end = Math.min(header.get(JAVA_LONG, MsgHdr.MSG_CONTROLLEN), CONTROL_ROOM);
        long at = 0;
        while (end - at >= CONTROL_HEADER) {
            long length = Math.min(control.get(JAVA_LONG, at + CmsgHdr.CMSG_LEN), end - at);
            if (length < CONTROL_HEADER) {
                break;
            }
            if (control.get(JAVA_INT, at + CmsgHdr.CMSG_LEVEL) == Sockets.SOL_SOCKET
                    && control.get(JAVA_INT, at + CmsgHdr.CMSG_TYPE) == Sockets.SCM_RIGHTS) {
                for (long i = at + CONTROL_HEADER; i + Integer.BYTES <= at + length; i += Integer.BYTES) {
                    fds.add(Fd.adopt(control.get(JAVA_INT, i)));
                }
            }
            at += (length + 7) & ~7;
        }
        return fds;
    }

    /** Whether the kernel had control data that it could not deliver. */
    boolean controlTruncated() {
        return (header.get(JAVA_INT, MsgHdr.MSG_FLAGS) & Sockets.MSG_CTRUNC) != 0;
    }

    long address() {
        return header.address();
    }
}
