package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Data of commands in memory that its owner has taken away: it ends the session, and nothing else. */
class VanishingDataTest {
    private static final long MIB = 1 << 20;
    private static final long DATA = 64 * MIB;

    private ScsiRig rig;
    private int sessions;
    private Guest neighbour;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        for (String name : new String[] {"bad", "good"}) {
            rig.controller(name);
            rig.add(name, 0, 0, "ram");
        }
        neighbour = rig.guest("good");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        assertThat(rig.rig.failures()).isEmpty();
    }

    @Test
    void whateverACommandDoesWithIt() throws Exception {
        endsTheSession(Cdb.range(Operation.WRITE_16, 0, 8, 0), 8 * BLOCK);
        endsTheSession(Cdb.range(Operation.COMPARE_AND_WRITE, 0, 4, 0), 8 * BLOCK);
        endsTheSession(Cdb.range(Operation.VERIFY_16, 0, 8, 0x02), 8 * BLOCK);
        endsTheSession(Cdb.range(Operation.VERIFY_16, 0, 8, 0x06), BLOCK);
        endsTheSession(Cdb.range(Operation.WRITE_AND_VERIFY_16, 0, 8, 0x02), 8 * BLOCK);
        endsTheSession(Cdb.range(Operation.WRITE_SAME_16, 0, 8, 0), BLOCK);
        endsTheSession(Cdb.parameters(Operation.UNMAP, 24), 24);
        endsTheSession(Cdb.parameters(Operation.MODE_SELECT_10, 64), 64);
    }

    private void endsTheSession(byte[] cdb, int bytes) throws Exception {
        vanish(cdb, bytes);
        rig.rig.awaitEndOfSessions("bad", ++sessions);
        assertThat(rig.rig.counter("bad", "broken_queues")).isEqualTo(sessions);
        neighbour.write(100, filled(sessions, 4));
        assertThat(neighbour.blocks(100, 4)).isEqualTo(filled(sessions, 4));
    }

    private void vanish(byte[] cdb, int bytes) throws Exception {
        try (GuestRam ram = GuestRam.of(
                        new GuestRegion.Layout(0, 32 * MIB, GuestRam.USER_BASE, 0),
                        new GuestRegion.Layout(DATA, MIB, GuestRam.USER_BASE + DATA, 0));
                ScsiFrontend frontend = ScsiFrontend.connect(
                        rig.rig.socket("bad"), ram, BlkOptions.of(1, 16).withScratch(4096))) {
            ScsiDriverQueue queue = frontend.requests(0);
            byte[] ready = Cdb.of(Operation.TEST_UNIT_READY);
            for (int i = 0; queue.execute(LUN, ready, new byte[0], 0).status() != ScsiStatus.GOOD; i++) {
                assertThat(i).as("attentions").isLessThan(3);
            }
            byte[] header = new byte[ScsiLayout.REQUEST_BYTES];
            ByteBuffer.wrap(header)
                    .putLong(LUN)
                    .putLong(1)
                    .position(ScsiLayout.CDB)
                    .put(cdb);
            long at = ram.allocateIn(0, 256, 64);
            ram.write(at, header);
            ram.region(1).truncate(0);
            DriverQueue ring = queue.ring();
            ring.readable(at, header.length);
            ring.readable(DATA, bytes);
            ring.writable(at + 128, ScsiLayout.RESPONSE_BYTES);
            assertThat(ring.add()).isNotNegative();
            ring.publish();
            queue.kickFd().signal();
            frontend.messages().socket().awaitClosed();
        }
    }
}
