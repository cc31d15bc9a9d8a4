package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCKS;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ringside.bdev.Timing;
import dev.ringside.bdev.latency.Span;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Commands that move blocks allocate nothing on the reactor, nor do those of them that fail. Code that is not compiled yet
 * allocates, and how long that takes depends on the machine.
 */
class ScsiAllocationTest {
    private static final int ROUNDS = 5_000;
    private static final int LOADS_WITHOUT = 2;
    private static final int MOST_LOADS = 40;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @BeforeAll
    static void compileSignals() throws LinuxException {
        TargetRig.compileSignals();
    }

    @ParameterizedTest
    @CsvSource({"SPLIT, false", "PACKED, false", "PACKED, true"})
    void allocatesNothing(RingFormat format, boolean timed) throws Exception {
        try (ScsiRig rig = new ScsiRig()) {
            rig.ram("ram");
            rig.controller("c");
            rig.add("c", 0, 0, "ram");
            Guest guest = rig.guest("c", format);
            if (timed) {
                rig.rig.registry().time("ram", Optional.of(new Timing(1))).join();
                rig.rig.target().find("c").followTimes().join();
            }
            List<Long> reactor = new ArrayList<>();
            int without = 0;
            while (without < LOADS_WITHOUT && reactor.size() < MOST_LOADS) {
                long before = allocated(rig);
                load(guest.queue());
                long bytes = allocated(rig) - before;
                long asking = -allocated(rig) + allocated(rig);
                reactor.add(bytes - asking);
                without = bytes <= asking ? without + 1 : 0;
            }
            assertThat(without)
                    .as("loads in a row without an allocation; bytes of each: %s", reactor)
                    .isEqualTo(LOADS_WITHOUT);
            assertThat(rig.rig.registry().spans("ram").join().of(Span.REQUEST).count() > 0)
                    .isEqualTo(timed);
        }
    }

    private static long allocated(ScsiRig rig) {
        return rig.rig.reactor(0).call(THREADS::getCurrentThreadAllocatedBytes).join();
    }

    private static void load(ScsiDriverQueue queue) {
        byte[] block = new byte[BLOCK];
        byte[] unmap = BlockRange.list(List.of(new BlockRange(8, 8), new BlockRange(32, 1)));
        byte[] none = new byte[0];
        for (int i = 0; i < ROUNDS; i++) {
            queue.execute(LUN, Cdb.range(Operation.WRITE_10, i % BLOCKS, 1, 0), block, 0);
            queue.execute(LUN, Cdb.range(Operation.READ_16, i % BLOCKS, 1, 0), none, BLOCK);
            queue.execute(LUN, Cdb.range(Operation.READ_10, BLOCKS, 1, 0), none, BLOCK);
            queue.execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), none, 0);
            queue.execute(LUN, Cdb.parameters(Operation.UNMAP, unmap.length), unmap, 0);
            queue.execute(LUN, Cdb.range(Operation.SYNCHRONIZE_CACHE_10, 0, 0, 0), none, 0);
        }
    }
}
