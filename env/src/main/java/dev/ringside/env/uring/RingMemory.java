package dev.ringside.env.uring;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.uring.UringLayout.Constants;
import dev.ringside.env.uring.UringLayout.Sqe;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The memory that a ring shares with the kernel: the two rings, in one mapping or in two, and the submission entries. */
final class RingMemory implements AutoCloseable {
    private final List<Mapping> mappings = new ArrayList<>();

    /** Maps everything, or nothing. */
    static RingMemory map(SetupResult setup) throws LinuxException {
        RingMemory memory = new RingMemory();
        try {
            long sqSize = setup.sqRingSize();
            long cqSize = setup.cqRingSize();
            if (setup.singleMapping()) {
                Mapping both = memory.add(setup, Constants.IORING_OFF_SQ_RING, Math.max(sqSize, cqSize));
                memory.mappings.add(both);
            } else {
                memory.add(setup, Constants.IORING_OFF_SQ_RING, sqSize);
                memory.add(setup, Constants.IORING_OFF_CQ_RING, cqSize);
            }
            memory.add(setup, Constants.IORING_OFF_SQES, (long) setup.sqEntries() * Sqe.SIZE);
            return memory;
        } catch (LinuxException e) {
            memory.close();
            throw e;
        }
    }

    private Mapping add(SetupResult setup, long area, long size) throws LinuxException {
        Mapping mapping = Mapping.ofShared(setup.fd(), area, size, true);
        mappings.add(mapping);
        return mapping;
    }

    MemorySegment submissionRing() {
        return mappings.get(0).segment();
    }

    MemorySegment completionRing() {
        return mappings.get(1).segment();
    }

    MemorySegment submissionEntries() {
        return mappings.get(2).segment();
    }

    @Override
    public void close() {
        mappings.forEach(Mapping::close);
    }
}
