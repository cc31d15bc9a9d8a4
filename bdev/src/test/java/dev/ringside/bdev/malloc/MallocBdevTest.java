package dev.ringside.bdev.malloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.DeviceRig;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MallocBdevTest {
    private static final int BLOCKS = 128 << 11;

    @Test
    void whatTheMachineCannotHoldIsRefused() {
        assertThatThrownBy(() -> MallocBdev.create(new MallocOptions("m", 4096, 1L << 40)))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM))
                .hasMessageContaining("available");
        assertThat(SystemMemory.available(
                        List.of("MemAvailable: 10 kB", "HugePages_Free:   3", "Hugepagesize:  2048 kB")))
                .isEqualTo((10 + 3 * 2048) * 1024L);
    }

    @Test
    void anImpossibleGeometryIsRefused() {
        UUID uuid = UUID.randomUUID();
        List<MallocOptions> impossible = List.of(
                new MallocOptions("m", 513, 1000),
                new MallocOptions("m", 256, 1000),
                new MallocOptions("m", 131_072, 1000),
                new MallocOptions("m", 512, 0),
                new MallocOptions("m", 512, -1),
                new MallocOptions("m", 512, Long.MAX_VALUE),
                new MallocOptions("m", uuid, 4096, 1000, 512, 0),
                new MallocOptions("m", uuid, 512, 1000, 0, 3));
        assertThat(impossible)
                .allSatisfy(options -> assertThatThrownBy(() -> MallocBdev.create(options))
                        .isInstanceOfSatisfying(
                                BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL)));
    }

    @Test
    void itSaysWhatItIs() throws Exception {
        UUID uuid = UUID.randomUUID();
        MallocBdev disk = MallocBdev.create(new MallocOptions("m", uuid, 512, 8192, 4096, 64));
        assertThat(disk.info().productName()).isEqualTo("Malloc disk");
        assertThat(disk.info().aliases()).containsExactly(uuid.toString());
        assertThat(disk.info().physicalBlockSize()).isEqualTo(4096);
        assertThat(disk.info().limits().boundaryBlocks()).isEqualTo(64);
        assertThat(disk.pages()).isIn("hugetlb", "transparent-huge", "plain");
        disk.destroy();
    }

    /** The whole disk is zeroed over many turns, and another request ends meanwhile. */
    @Test
    void aLongRequestHoldsNothingUp() throws Exception {
        try (DeviceRig rig = rig();
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(512);
            for (int i = 0; i < BLOCKS; i += 997) {
                block.set(ValueLayout.JAVA_INT, 0, i + 1);
                assertThat(rig.run(IoType.WRITE, i, 1, block)).isEqualTo(IoStatus.OK);
            }
            DeviceRig.Request zeroes = rig.submit(rig.request(IoType.WRITE_ZEROES, 1, BLOCKS - 1));
            int turns = 0;
            while (zeroes.ends == 0) {
                assertThat(rig.run(IoType.READ, 0, 1, block)).isEqualTo(IoStatus.OK);
                assertThat(rig.step()).isPositive();
                turns++;
            }
            assertThat(turns).isGreaterThanOrEqualTo(128);
            expectZeroes(rig, arena);
        }
    }

    @Test
    void unmappedMemoryIsGivenBackAndReadsAsZeroes() throws Exception {
        try (DeviceRig rig = rig();
                Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate((long) BLOCKS * 512);
            all.fill((byte) 7);
            assertThat(rig.run(IoType.WRITE, 0, BLOCKS, all)).isEqualTo(IoStatus.OK);
            DeviceRig.Request unmap = rig.submit(rig.request(IoType.UNMAP, 1, BLOCKS - 1));
            int turns = 0;
            while (unmap.ends == 0) {
                rig.step();
                turns++;
            }
            assertThat(turns).as("turns for 128 MiB").isBetween(16, 32);
            expectZeroes(rig, arena);
        }
    }

    @Test
    void oneLongRequestIsAbortedAmongOthers() throws Exception {
        try (DeviceRig rig = rig()) {
            for (int which = 0; which < 3; which++) {
                DeviceRig.Request[] requests = new DeviceRig.Request[3];
                for (int i = 0; i < 3; i++) {
                    requests[i] = rig.submit(rig.request(i == 1 ? IoType.SECURE_ERASE : IoType.UNMAP, 0, BLOCKS));
                }
                rig.step();
                requests[which].io.abort();
                assertThat(requests[which].status).isEqualTo(IoStatus.ABORTED);
                DeviceRig.Request last = rig.submit(rig.request(IoType.UNMAP, 0, BLOCKS));
                rig.until(() -> last.ends == 1);
                for (int i = 0; i < 3; i++) {
                    assertThat(requests[i].ends).isEqualTo(1);
                    assertThat(requests[i].status).isEqualTo(i == which ? IoStatus.ABORTED : IoStatus.OK);
                }
            }
        }
    }

    @Test
    void aResetAbortsLongRequests() throws Exception {
        try (DeviceRig rig = rig()) {
            DeviceRig.Request one = rig.submit(rig.request(IoType.UNMAP, 0, BLOCKS));
            DeviceRig.Request two = rig.submit(rig.request(IoType.WRITE_ZEROES, 0, BLOCKS));
            rig.step();
            // One that its owner repeats is a new one, and stays.
            one.then.add(() -> {
                if (one.ends == 1) {
                    rig.submit(one);
                }
            });
            assertThat(rig.run(IoType.RESET, 0, 0)).isEqualTo(IoStatus.OK);
            assertThat(one.status).isEqualTo(IoStatus.ABORTED);
            assertThat(two.status).isEqualTo(IoStatus.ABORTED);
            rig.until(() -> one.ends == 2);
            assertThat(one.status).isEqualTo(IoStatus.OK);
            assertThat(two.ends).isEqualTo(1);
        }
    }

    @Test
    void aLongRequestThatAResizeCutsOffFails() throws Exception {
        MallocBdev disk = MallocBdev.create(new MallocOptions("m", 512, BLOCKS));
        try (DeviceRig rig = new DeviceRig(disk)) {
            DeviceRig.Request unmap = rig.submit(rig.request(IoType.UNMAP, 0, BLOCKS));
            rig.step();
            disk.resize(rig.registry, BLOCKS / 2);
            rig.until(() -> unmap.ends > 0);
            assertThat(unmap.status).isEqualTo(IoStatus.INVALID);
            assertThatThrownBy(() -> disk.resize(rig.registry, 1L << 40)).isInstanceOf(BdevException.class);
            assertThat(rig.channel.numBlocks()).isEqualTo(BLOCKS / 2);
            assertThat(rig.run(IoType.FLUSH, 0, 0)).isEqualTo(IoStatus.OK);
        }
    }

    /** A guest may take memory away that it has shared. */
    @Test
    void memoryThatVanishesFailsTheRequest() throws Exception {
        try (DeviceRig rig = rig();
                var fd = Memfd.create("guest", 4 << 20);
                Mapping guest = Mapping.ofShared(fd, 0, 4 << 20, true)) {
            Memfd.truncate(fd, 0);
            assertThat(rig.run(IoType.WRITE, 0, 8, guest.segment().asSlice(0, 4096)))
                    .isEqualTo(-Errno.EFAULT);
            assertThat(rig.run(IoType.READ, 0, 8192, guest.segment())).isEqualTo(-Errno.EFAULT);
            assertThat(rig.run(IoType.FLUSH, 0, 0)).isEqualTo(IoStatus.OK);
        }
    }

    private static void expectZeroes(DeviceRig rig, Arena arena) {
        MemorySegment all = arena.allocate((long) (BLOCKS - 1) * 512);
        all.fill((byte) 1);
        assertThat(rig.run(IoType.READ, 1, BLOCKS - 1, all)).isEqualTo(IoStatus.OK);
        assertThat(all.mismatch(arena.allocate(all.byteSize()))).isEqualTo(-1);
    }

    private static DeviceRig rig() throws Exception {
        return new DeviceRig(MallocBdev.create(new MallocOptions("m", 512, BLOCKS)));
    }
}
