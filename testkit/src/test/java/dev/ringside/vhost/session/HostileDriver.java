package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A driver that writes nonsense into a ring: the ring breaks, with one line and one count, and answers the base when it is
 * asked; started anew it works; the session of another guest on the same reactor never notices.
 */
abstract class HostileDriver {
    static final int SIZE = 8;
    static final long RAM_BYTES = 4L << 20;
    static final int NEXT = Descriptor.F_NEXT;
    static final int WRITE = Descriptor.F_WRITE;
    static final int INDIRECT = Descriptor.F_INDIRECT;

    final RingFormat format;
    TargetRig rig;
    GuestRam ram;
    BlkFrontend blk;
    private Neighbour neighbour;
    private int broken;
    private long files;

    HostileDriver(RingFormat format) {
        this.format = format;
    }

    /** What a driver writes into a ring before it kicks; {@code table} is 4 KiB of guest memory for anything. */
    interface Attack {
        void on(RawRing ring, long header, long table);
    }

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.INTERRUPT, 1);
        rig.mallocDisk("bad", 4);
        rig.mallocDisk("good", 4);
        neighbour = new Neighbour(rig, "good");
        neighbour.verify();
        files = OpenFiles.count();
        ram = GuestRam.ofMiB((int) (RAM_BYTES >> 20));
        blk = rig.start("bad", ram, options());
    }

    final BlkOptions options() {
        return BlkOptions.of(1, SIZE).with(format).withScratch(65_536);
    }

    @AfterEach
    void close() throws Exception {
        blk.close();
        rig.awaitEndOfSessions("bad", 1);
        ram.close();
        neighbour.verify();
        Await.until("files are closed", () -> OpenFiles.count() <= files);
        neighbour.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    /** Attacks the running ring, and sets it up again as a guest does that resets its device. */
    final void breaks(QueueError error, String what, Attack attack) throws Exception {
        BlkDriverQueue queue = blk.queue(0);
        assertThat(queue.write(0, new byte[512]).status()).isZero();
        RawRing ring = RawRing.of(queue, format);
        long table = ram.allocate(4096, 4096);
        ram.putInt(queue.scratchAddress(), BlkLayout.T_FLUSH);
        attack.on(ring, queue.scratchAddress(), table);
        queue.kickFd().signal();
        broken++;
        Await.until(what, () -> rig.counter("bad", "broken_queues") == broken);
        Await.until(what, () -> rig.log().warnings("bads0").size() == broken);
        assertThat(rig.log().warnings("bads0").getLast())
                .as(what)
                .contains("ring 0")
                .endsWith(error.toString());
        neighbour.verify();
        blk.stop();
        blk.start();
        assertThat(blk.queue(0).read(0, 512).status()).as(what).isZero();
    }
}
