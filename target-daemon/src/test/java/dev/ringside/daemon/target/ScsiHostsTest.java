package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.daemon.target.ScsiParts.Part;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.testkit.scsi.SimDiskSettings;
import dev.ringside.testkit.scsi.SimHost;
import dev.ringside.testkit.scsi.SimHostSettings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bdevs on the disks of a simulated host, as the daemon makes them. */
class ScsiHostsTest {
    private static final long MIB = 1 << 20;
    private static final PciAddress ADDRESS = new PciAddress(0, 5, 0, 0);

    private final Disks disks = new Disks();
    private final ControlLock control = new ControlLock();
    private final ScsiHosts hosts = new ScsiHosts(disks, control, new VfioHost(new DmaSpace()), List.of());
    private final ScsiParts parts = hosts.parts();
    private SimHost sim;

    @BeforeEach
    void attach() throws Exception {
        sim = new SimHost(
                SimHostSettings.of(
                        SimDiskSettings.ssd("first", 512, 16 * MIB), SimDiskSettings.hdd("second", 4096, 8 * MIB)),
                new DmaSpace());
        assertThat(control.change(() -> hosts.adopt(ADDRESS, sim))).containsExactly("sda", "sdb");
    }

    @AfterEach
    void close() {
        disks.close();
        hosts.close();
        assertThat(sim.violations()).isEmpty();
    }

    @Test
    void severalBdevsShareADisk() throws Exception {
        parts.create(new Part("a", "sda", 0, 4 * MIB));
        parts.create(new Part("b", "sda", 4 * MIB, 0));
        parts.create(new Part("c", "sdb", 0, 0));
        assertThat(info("a").numBlocks()).isEqualTo(8192);
        assertThat(info("a").productName()).isEqualTo("SCSI disk");
        assertThat(info("b").numBlocks()).isEqualTo(12 * MIB / 512);
        assertThat(info("c").blockSize()).isEqualTo(4096);
        assertThat(info("c").rotational()).isTrue();
        assertThat(hosts.disk("sda").owners()).containsExactly("a", "b");
        refused(Errno.EBUSY, new Part("d", "sda", 4 * MIB - 512, 512));
        parts.delete("a").join();
        parts.create(new Part("d", "sda", 4 * MIB - 512, 512));
    }

    @Test
    void aNameThatIsTakenLeavesTheRangeFree() throws Exception {
        parts.create(new Part("a", "sda", 0, MIB));
        refused(Errno.EEXIST, new Part("a", "sda", MIB, MIB));
        parts.create(new Part("b", "sda", MIB, MIB));
    }

    @ParameterizedTest
    @CsvSource({"sda, 1, 512", "sda, 0, 100", "sda, 16777216, 0", "sda, 16776704, 1024", "sdb, 512, 4096"})
    void rangesAreOfWholeBlocksInsideTheDisk(String device, long offset, long size) {
        refused(Errno.EINVAL, new Part("a", device, offset, size));
    }

    @Test
    void whatIsNotThereIsNamed() {
        refused(Errno.ENODEV, new Part("a", "sdz", 0, 0));
        assertThatThrownBy(() -> hosts.detach(new PciAddress(0, 6, 0, 0)))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> hosts.attach(ADDRESS))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
    }

    @Test
    void bdevsComeBackWithTheirDisk() throws Exception {
        parts.create(new Part("a", "sda", MIB, 2 * MIB));
        Disk before = disks.find(DiskKind.SCSI, "a");
        assertThat(before.params().get("device").asString())
                .isEqualTo(hosts.disk("sda").description().stableName());
        sim.pullOut(0);
        await(() -> disks.made("a").isEmpty());
        sim.plugIn(0);
        hosts.rescan(Optional.of(ADDRESS));
        await(() -> disks.made("a").isPresent());
        Disk after = disks.find(DiskKind.SCSI, "a");
        assertThat(after.params()).isEqualTo(before.params());
        assertThat(info("a")).isEqualTo(before.bdev().info());
    }

    @Test
    void aBdevThatWasDeletedDoesNotComeBack() throws Exception {
        parts.create(new Part("a", "sda", 0, 0));
        sim.pullOut(0);
        await(() -> disks.made("a").isEmpty());
        control.change(() -> parts.delete("a")).join();
        sim.plugIn(0);
        hosts.rescan(Optional.empty());
        parts.create(new Part("b", "sda", 0, 0));
        assertThat(disks.made("a")).isEmpty();
    }

    /** A part whose old bdev still has a user, and one that has nothing of that. */
    @Test
    void partsComeBackEachWhenItCan() throws Exception {
        parts.create(new Part("a", "sda", 0, MIB));
        parts.create(new Part("b", "sda", MIB, MIB));
        BdevHandle user = disks.registry().open("a", true, event -> {});
        sim.pullOut(0);
        await(() -> parts.missed().size() == 2 && disks.made("b").isEmpty());
        sim.plugIn(0);
        await(() -> disks.made("b").isPresent());
        // What has come back is missed for a moment longer.
        await(() -> parts.missed().stream().map(Part::name).toList().equals(List.of("a")));
        user.close();
        await(() -> disks.made("a").isPresent());
        await(() -> parts.missed().isEmpty());
    }

    @Test
    void aPartWaitsForItsDisk() throws Exception {
        String stable = hosts.disk("sda").description().stableName();
        sim.pullOut(0);
        await(() -> hosts.allDisks().size() == 1);
        refused(Errno.ENODEV, new Part("a", stable, MIB, 0));
        refused(Errno.EINVAL, new Part("a", "sda", MIB, 0, true));
        Part waiting = new Part("a", stable, MIB, 0, true);
        parts.create(waiting);
        refused(Errno.EEXIST, waiting);
        assertThat(parts.missed()).containsExactly(waiting);
        assertThat(disks.made("a")).isEmpty();
        sim.plugIn(0);
        await(() -> disks.made("a").isPresent());
        assertThat(info("a").numBlocks()).isEqualTo(15 * MIB / 512);
        sim.pullOut(0);
        await(() -> parts.missed().equals(List.of(waiting)));
    }

    @Test
    void blocksOfADiskAreClaimedOnceWhateverThePath() throws Exception {
        SimHost other = new SimHost(
                SimHostSettings.of(SimDiskSettings.ssd("third", 512, MIB), SimDiskSettings.ssd("first", 512, 16 * MIB)),
                new DmaSpace());
        PciAddress there = new PciAddress(0, 6, 0, 0);
        assertThat(control.change(() -> hosts.adopt(there, other))).containsExactly("sdc", "sdd");
        assertThat(hosts.disk("sdd").description().stableName())
                .isEqualTo(hosts.disk("sda").description().stableName());
        parts.create(new Part("a", "sda", 0, MIB));
        refused(Errno.EBUSY, new Part("b", "sdd", MIB - 512, MIB));
        parts.create(new Part("b", "sdd", MIB, MIB));
        refused(Errno.EBUSY, new Part("c", "sda", MIB, MIB));
        assertThat(hosts.disk("sda").owners()).containsExactly("a", "b");
        assertThat(hosts.disk("sdd").owners()).containsExactly("a", "b");
        parts.create(new Part("c", "sdc", 0, MIB));
        parts.delete("a").join();
        parts.create(new Part("d", "sdd", 0, MIB));
        control.change(() -> hosts.detach(there)).join();
        assertThat(hosts.disk("sda").owners()).isEmpty();
    }

    @Test
    void aDiskThatGrowsTakesItsLastBdevAlong() throws Exception {
        parts.create(new Part("a", "sda", 0, MIB));
        parts.create(new Part("b", "sda", MIB, 0));
        sim.resize(0, 20 * MIB / 512);
        await(() -> info("b").numBlocks() == 19 * MIB / 512);
        assertThat(info("a").numBlocks()).isEqualTo(MIB / 512);
    }

    @Test
    void aDetachedHostTakesItsBdevsAway() throws Exception {
        parts.create(new Part("a", "sda", 0, 0));
        control.change(() -> hosts.detach(ADDRESS)).join();
        assertThat(disks.list()).isEmpty();
        assertThat(hosts.allDisks()).isEmpty();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("30 s have passed").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private BdevInfo info(String name) throws BdevException {
        return disks.registry().find(name).info();
    }

    private void refused(int errno, Part part) {
        assertThatThrownBy(() -> parts.create(part))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
