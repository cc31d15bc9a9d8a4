package dev.ringside.bdev.nulldisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.DeviceRig;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class NullBdevTest {
    @Test
    void aReadLeavesTheMemoryAsItWas() throws Exception {
        NullBdev disk = NullBdev.create("n", UUID.randomUUID(), 4096, 1L << 40);
        assertThat(disk.info().productName()).isEqualTo("Null disk");
        try (DeviceRig rig = new DeviceRig(disk);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4096);
            memory.fill((byte) 5);
            MemorySegment before = arena.allocate(4096).copyFrom(memory);
            assertThat(rig.run(IoType.READ, (1L << 40) - 1, 1, memory)).isEqualTo(IoStatus.OK);
            assertThat(memory.mismatch(before)).isEqualTo(-1);
            disk.resize(rig.registry, 5);
            assertThat(rig.run(IoType.READ, 5, 1, memory)).isEqualTo(IoStatus.INVALID);
            assertThatThrownBy(() -> disk.resize(rig.registry, 0)).isInstanceOf(BdevException.class);
            assertThatThrownBy(() -> disk.resize(rig.registry, Long.MAX_VALUE)).isInstanceOf(BdevException.class);
            assertThat(rig.channel.numBlocks()).isEqualTo(5);
        }
    }

    @Test
    void anImpossibleGeometryIsRefused() {
        long[][] impossible = {{511, 1}, {513, 1}, {1 << 17, 1}, {512, 0}, {512, -1}, {512, Long.MAX_VALUE}};
        for (long[] geometry : impossible) {
            assertThatThrownBy(() -> NullBdev.create("n", UUID.randomUUID(), (int) geometry[0], geometry[1]))
                    .isInstanceOfSatisfying(
                            BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }
}
