package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory that comes and goes while requests are in flight. */
class HotPlugTest {
    private static final int SLOTS = 32;
    private static final int DIMMS = 508;
    private static final long DIMM_BYTES = 8192;

    @ParameterizedTest
    @EnumSource
    void whileRequestsAreInFlight(RingFormat format) throws Exception {
        Random random = new Random(Seed.of("memory that comes and goes, " + format));
        long mappings = OpenFiles.guestMappings();
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 2);
                GuestRam ram = GuestRam.ofMiB(8);
                GuestRam more = dimms()) {
            rig.mallocDisk("disk", 4);
            BlkOptions options =
                    BlkOptions.of(2, 128).with(format).withSlots(SLOTS, 4096).withScratch(65_536);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                List<GuestRegion> there = new ArrayList<>();
                long done = 0;
                for (int n = 0; n < 2 * DIMMS; n++) {
                    done += keepBusy(blk.queue(0), random) + keepBusy(blk.queue(1), random);
                    addOrRemove(blk, more, there, n);
                    if (n % 100 == 50) {
                        replaceAll(blk, ram, there);
                    }
                    if (!there.isEmpty() && n % 8 == 0) {
                        readInto(blk.queue(n % 2), there.get(random.nextInt(there.size())), ram);
                    }
                }
                assertThat(done).isGreaterThan(50);
                assertThat(there).isEmpty();
                assertThat(rig.target().find("disk").sessions().getFirst().maxQueues())
                        .isEqualTo(2);
            }
            assertThat(rig.log().warnings()).as("one region too many").hasSize(1);
            assertThat(rig.failures()).isEmpty();
        }
        Await.until("memory is unmapped", () -> OpenFiles.guestMappings() <= mappings);
    }

    /** As QEMU replaces a region by others: all that goes is removed before what comes is added. */
    @ParameterizedTest
    @EnumSource
    void aRingWaitsUntilItsMemoryIsThereAgain(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(8)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(1 << 20), 100, 0);
            rig.disk(disk, false);
            BlkOptions options =
                    BlkOptions.of(1, 128).with(format).withSlots(SLOTS, 512).withScratch(65_536);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                BlkDriverQueue queue = blk.queue(0);
                submit(queue, 0);
                Await.until("the disk has the request", () -> disk.seen().size() == 1);
                MemoryRegion whole = MemoryRegion.of(ram.region(0));
                blk.messages().removeMemRegion(whole);
                submit(queue, 1);
                rig.reactor(0).execute(disk::holdNone);
                queue.await();
                assertThat(queue.reap())
                        .as("what was in flight ends where it began")
                        .isZero();
                assertThat(queue.status(0)).isZero();
                assertThat(disk.seen()).hasSize(1);
                long half = whole.size() / 2;
                blk.messages().addMemRegion(new MemoryRegion(half, half, whole.userAddress() + half, half, whole.fd()));
                assertThat(disk.seen()).as("not where the ring is").hasSize(1);
                blk.messages().addMemRegion(new MemoryRegion(0, half, whole.userAddress(), 0, whole.fd()));
                queue.await();
                assertThat(queue.reap()).isEqualTo(1);
                assertThat(queue.status(1)).isZero();
            }
            assertThat(rig.log().warnings()).isEmpty();
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static void submit(BlkDriverQueue queue, int slot) {
        assertThat(queue.submit(slot, BlkLayout.T_OUT, slot, 512)).isTrue();
        queue.kick();
    }

    private static GuestRam dimms() throws Exception {
        GuestRegion.Layout[] layouts = new GuestRegion.Layout[DIMMS];
        for (int i = 0; i < DIMMS; i++) {
            long guest = (1L << 32) + i * DIMM_BYTES;
            layouts[i] = new GuestRegion.Layout(guest, DIMM_BYTES, GuestRam.USER_BASE + guest, 0);
        }
        return GuestRam.of(layouts);
    }

    /** The first half of the steps adds all there is room for, the second takes them away. */
    private static void addOrRemove(BlkFrontend blk, GuestRam more, List<GuestRegion> there, int n) throws Exception {
        if (n < DIMMS) {
            GuestRegion added = more.region(n);
            blk.messages().addMemRegion(MemoryRegion.of(added));
            there.add(added);
            if (n == DIMMS - 1) {
                GuestRegion tooMany = more.region(0);
                MemoryRegion far = new MemoryRegion(1L << 40, DIMM_BYTES, 1L << 45, 0, tooMany.file());
                assertThatThrownBy(() -> blk.messages().addMemRegion(far)).isInstanceOf(RefusedException.class);
            }
        } else {
            blk.messages().removeMemRegion(MemoryRegion.of(there.removeFirst()));
        }
    }

    /** SET_MEM_TABLE with the first few of what is there, and the rest one by one again. */
    private static void replaceAll(BlkFrontend blk, GuestRam ram, List<GuestRegion> there) throws Exception {
        List<MemoryRegion> table = new ArrayList<>();
        table.add(MemoryRegion.of(ram.region(0)));
        there.stream().limit(7).map(MemoryRegion::of).forEach(table::add);
        blk.messages().setMemTable(table);
        for (GuestRegion region : there.stream().skip(7).toList()) {
            blk.messages().addMemRegion(MemoryRegion.of(region));
        }
    }

    private static int keepBusy(BlkDriverQueue queue, Random random) {
        int done = 0;
        for (int slot = queue.reap(); slot >= 0; slot = queue.reap()) {
            assertThat(queue.status(slot)).isZero();
            done++;
        }
        if (queue.ring().inFlight() == 0) {
            for (int slot = 0; slot < SLOTS; slot++) {
                int type = random.nextBoolean() ? BlkLayout.T_OUT : BlkLayout.T_IN;
                assertThat(queue.submit(slot, type, random.nextInt(8000), 4096, random.nextBoolean()))
                        .isTrue();
            }
            queue.kick();
        }
        return done;
    }

    /** A read whose data ends in memory that was added. */
    private static void readInto(BlkDriverQueue queue, GuestRegion region, GuestRam ram) {
        while (queue.ring().inFlight() > 0) {
            queue.await();
            assertThat(queue.status(queue.reap())).isZero();
        }
        long scratch = queue.scratchAddress();
        ram.putInt(scratch, BlkLayout.T_IN);
        ram.putLong(scratch + BlkLayout.FIRST_SECTOR, 0);
        ram.putByte(scratch + 16, 0xee);
        queue.ring().readable(scratch, BlkLayout.HEADER_BYTES);
        queue.ring().writable(region.guestAddress(), 4096);
        queue.ring().writable(scratch + 16, 1);
        int id = queue.ring().add();
        queue.kick();
        queue.await();
        assertThat(queue.ring().poll()).isEqualTo(id);
        assertThat(ram.byteAt(scratch + 16)).isZero();
    }
}
