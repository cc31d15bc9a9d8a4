package dev.ringside.env.uring;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.uring.UringLayout.Constants;
import dev.ringside.env.uring.UringLayout.Probe;
import dev.ringside.env.uring.UringLayout.ProbeOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/** Asks this machine's kernel, once, what its io_uring can do. */
final class UringProbe {
    private static final int MAX_OPS = 256;

    /** Empty where there is no io_uring. */
    static final BitSet SUPPORTED = ask();

    private UringProbe() {}

    private static BitSet ask() {
        BitSet supported = new BitSet();
        try (Fd ring = SetupResult.create(1).fd();
                Arena arena = Arena.ofConfined()) {
            MemorySegment probe = arena.allocate(Probe.SIZE + (long) MAX_OPS * ProbeOp.SIZE, Long.BYTES);
            int result = UringCalls.register(ring.number(), Constants.IORING_REGISTER_PROBE, probe.address(), MAX_OPS);
            UringCalls.check("io_uring_register", result);
            int count = Byte.toUnsignedInt(probe.get(ValueLayout.JAVA_BYTE, Probe.OPS_LEN));
            for (int op = 0; op < count; op++) {
                long at = Probe.SIZE + (long) op * ProbeOp.SIZE + ProbeOp.FLAGS;
                int flags = probe.get(ValueLayout.JAVA_SHORT, at);
                supported.set(op, (flags & Constants.IO_URING_OP_SUPPORTED) != 0);
            }
        } catch (LinuxException e) {
            supported.clear();
        }
        return supported;
    }
}
