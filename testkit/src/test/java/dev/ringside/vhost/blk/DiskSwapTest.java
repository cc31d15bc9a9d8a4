package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.memory.MemoryListener;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Disks that are exchanged behind a controller while its guest uses them. */
class DiskSwapTest {
    private static final long BLOCKS = 16L << 11;
    /** Longer than what a RAM disk does at once. */
    private static final int LONG = 2 << 20;

    private static final int SLOTS = 4;

    private TargetRig rig;
    private GuestRam ram;
    private VhostController controller;

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 2);
        rig.mallocDisk("disk", 512, BLOCKS);
        controller = rig.target().find("disk");
        ram = GuestRam.ofMiB(48);
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    @Test
    void readsAndWritesTheOtherDiskFromThenOn() throws Exception {
        register("other", 512, BLOCKS);
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(2, 32))) {
            assertThat(blk.queue(0).write(8, filled(1)).status()).isEqualTo(BlkLayout.S_OK);
            controller.swapBdev(rig.registry(), "other");
            assertThat(((BlkDevice) controller.device()).info().name()).isEqualTo("other");
            for (BlkDriverQueue queue : blk.queues()) {
                assertThat(queue.read(8, 512).data()).isEqualTo(filled(0));
            }
            assertThat(blk.queue(1).write(8, filled(2)).status()).isEqualTo(BlkLayout.S_OK);
            controller.swapBdev(rig.registry(), "disk");
            assertThat(blk.queue(1).read(8, 512).data()).isEqualTo(filled(1));
        }
    }

    @Test
    void letsGoOfTheOldDiskWhenItsRequestsHaveEnded() throws Exception {
        register("other", 512, BLOCKS);
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).withSlots(SLOTS, LONG))) {
            BlkDriverQueue queue = blk.queue(0);
            for (int slot = 0; slot < SLOTS; slot++) {
                assertThat(queue.submit(slot, BlkLayout.T_IN, slot * 4096L, LONG))
                        .isTrue();
            }
            queue.kick();
            controller.swapBdev(rig.registry(), "other");
            CompletableFuture<Void> gone = rig.registry().unregister("disk");
            for (int ended = 0; ended < SLOTS; ) {
                int slot = queue.reap();
                if (slot < 0) {
                    queue.await();
                } else {
                    assertThat(queue.status(slot)).isZero();
                    ended++;
                }
            }
            Await.until("the old disk is free", gone::isDone);
            assertThat(queue.read(0, 512).status()).isEqualTo(BlkLayout.S_OK);
        }
    }

    @Test
    void givesAControllerWhoseDiskIsGoneAnother() throws Exception {
        register("other", 512, BLOCKS);
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 32))) {
            CompletableFuture<Void> gone = rig.registry().unregister("disk");
            Await.until("the disk is free", gone::isDone);
            assertThat(blk.queue(0).read(0, 512).status()).isEqualTo(BlkLayout.S_IOERR);
            controller.swapBdev(rig.registry(), "other");
            assertThat(blk.queue(0).read(0, 512).status()).isEqualTo(BlkLayout.S_OK);
        }
    }

    @Test
    void refusesADiskOfAnotherGeometryAndKeepsItsOwn() throws Exception {
        register("larger", 512, 2 * BLOCKS);
        register("coarser", 4096, BLOCKS);
        for (String name : new String[] {"larger", "coarser"}) {
            assertThatThrownBy(() -> controller.swapBdev(rig.registry(), name))
                    .isInstanceOfSatisfying(
                            VhostException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                    .hasMessageContaining("same geometry");
        }
        assertThatThrownBy(() -> controller.swapBdev(rig.registry(), "none"))
                .isInstanceOfSatisfying(
                        VhostException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 32))) {
            assertThat(blk.queue(0).read(0, 512).status()).isEqualTo(BlkLayout.S_OK);
        }
    }

    @Test
    void itsSettingsSayWhichSerialNumberGuestsSee() throws Exception {
        String name = "more than twenty characters";
        register(name, 512, BLOCKS);
        register("another", 512, BLOCKS);
        BlkDevice device = new BlkDevice(rig.registry(), name, BlkSettings.DEFAULT, MemoryListener.NONE);
        try {
            assertThat(device.settings().serial()).isEmpty();
            device.swap(rig.registry(), "another");
            assertThat(device.settings().serial()).contains("more than twenty cha");
            device.swap(rig.registry(), name);
            assertThat(device.settings().serial()).isEmpty();
        } finally {
            device.close();
        }
        controller.swapBdev(rig.registry(), name);
        assertThat(((BlkDevice) controller.device()).settings().serial()).contains("disk");
    }

    private void register(String name, int blockSize, long blocks) throws Exception {
        rig.registry().register(MallocBdev.create(new MallocOptions(name, blockSize, blocks)));
    }

    private static byte[] filled(int value) {
        byte[] data = new byte[512];
        Arrays.fill(data, (byte) value);
        return data;
    }
}
