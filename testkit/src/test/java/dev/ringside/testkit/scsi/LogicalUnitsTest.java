package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.testkit.scsi.FaultBench.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Logical units that come and go while their target stays: nobody tells of it but the units that are left. */
class LogicalUnitsTest {
    private static final long BYTES = 8 << 20;

    private static FaultBench bench() throws Exception {
        SimHostSettings settings =
                SimHostSettings.of(disk("A"), disk("B"), disk("C")).withUnits(3);
        FaultBench bench = new FaultBench(settings, HostDisk.IMPATIENT);
        assertThat(List.of(bench.disk.nextEvent(), bench.disk.nextEvent(), bench.disk.nextEvent()))
                .containsExactly("added sda", "added sdb", "added sdc");
        bench.writeAndRead(4);
        return bench;
    }

    private static SimDiskSettings disk(String serial) {
        return SimDiskSettings.ssd(serial, 512, BYTES);
    }

    private static List<String> found(FaultBench bench) {
        return bench.disk.host.disks().stream()
                .map(disk -> disk.device().address() + " " + disk.description().serial())
                .toList();
    }

    @Test
    void theListIsReadAgainWhenAUnitSaysThatItHasChanged() throws Exception {
        try (FaultBench bench = bench()) {
            bench.disk.sim().withdraw(1);
            bench.writeAndRead(4);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sdb");
            assertThat(found(bench)).containsExactly("0:0:0 A", "0:0:2 C");

            bench.disk.sim().offer(1);
            bench.writeAndRead(4);
            assertThat(bench.eventWhileTurning()).isEqualTo("added sdb");
            assertThat(found(bench)).containsExactlyInAnyOrder("0:0:0 A", "0:0:1 B", "0:0:2 C");
            assertThat(bench.disk.host.info().refused()).isEmpty();
            assertThat(bench.disk.host.info().stats().failed()).isZero();
        }
    }

    @Test
    void aRescanFindsWhatHasChangedWithoutBeingTold() throws Exception {
        try (FaultBench bench = bench()) {
            bench.disk.sim().withdraw(2);
            rescan(bench);
            assertThat(found(bench)).containsExactly("0:0:0 A", "0:0:1 B");
            assertThat(bench.disk.nextEvent()).isEqualTo("removed sdc");
        }
    }

    /** No request gets what the units tell: commands that look at disks take it, and must not keep it. */
    @Test
    void theListIsReadAgainWhenItHasChangedDuringAScan() throws Exception {
        try (FaultBench bench = bench()) {
            bench.disk.sim().withdraw(1);
            rescan(bench);
            assertThat(bench.disk.nextEvent()).isEqualTo("removed sdb");
            bench.disk.sim().offerDuringLook(1);
            rescan(bench);
            assertThat(bench.eventWhileTurning()).isEqualTo("added sdb");
            assertThat(found(bench)).containsExactlyInAnyOrder("0:0:0 A", "0:0:1 B", "0:0:2 C");
        }
    }

    private static void rescan(FaultBench bench) {
        var rescan = bench.disk.host.rescan();
        bench.reactor.await("a scan", rescan::isDone, FaultBench.LIMIT);
    }

    @Test
    void requestsToAUnitThatHasGoneEndWithThat() throws Exception {
        try (FaultBench bench = bench()) {
            bench.registry.register(
                    ScsiBdev.create("Second", bench.disk.host.disks().get(1), Range.WHOLE));
            BdevHandle handle = bench.registry.open("Second", true, event -> {});
            BdevChannel channel = handle.openChannel(bench.reactor.reactor());
            bench.disk.sim().withdraw(1);
            assertThat(read(bench, channel)).as("the unit is not in the list").isEqualTo(IoStatus.NO_DEVICE);
            assertThat(found(bench)).as("nobody has looked").hasSize(3);
            bench.writeAndRead(4);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sdb");
            assertThat(read(bench, channel)).isEqualTo(IoStatus.NO_DEVICE);
            channel.close();
            handle.close();
            bench.registry.unregister("Second").join();
        }
    }

    private static int read(FaultBench bench, BdevChannel channel) {
        Request request = new Request();
        request.data.add(bench.memory(8), 0, 8 * 512);
        request.io.prepare(IoType.READ, 0, 8, request.data, 0);
        channel.submit(request.io);
        channel.flush();
        bench.await(List.of(request));
        return request.status;
    }
}
