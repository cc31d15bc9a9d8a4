package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.DiskNames;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiListener;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.scsi.SimFault.Deferred;
import dev.ringside.testkit.scsi.SimFault.SenseData;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is found behind a host, and when. */
class DiscoveryTest implements ScsiListener {
    private static final long BYTES = 64 << 10;
    private static final SenseData SPINS_UP =
            new SenseData(SenseKey.NOT_READY, AdditionalSense.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY);

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    // Made by attach(), which each test calls with what it is about.
    @SuppressWarnings("NullAway.Init")
    private SimHost sim;

    @SuppressWarnings("NullAway.Init")
    private ScsiHost host;

    private void attach(SimHostSettings settings) throws Exception {
        sim = new SimHost(settings, new DmaSpace());
        host = ScsiHost.attach("sim0", sim, ScsiOptions.DEFAULT, new DiskNames(), this);
    }

    @AfterEach
    void nothingWasWrong() {
        host.close();
        assertThat(sim.violations()).isEmpty();
    }

    private static SimDiskSettings disk(String serial) {
        return SimDiskSettings.ssd(serial, 512, BYTES);
    }

    private List<String> found() {
        return host.disks().stream()
                .map(disk -> disk.device().address() + " " + disk.description().serial())
                .toList();
    }

    @Test
    void eachLogicalUnitIsADisk() throws Exception {
        attach(SimHostSettings.of(disk("A"), disk("B"), disk("C"), disk("D"), disk("E"))
                .withUnits(2));
        assertThat(found()).containsExactly("0:0:0 A", "0:0:1 B", "0:1:0 C", "0:1:1 D", "0:2:0 E");
        assertThat(host.disks()).extracting(ScsiDisk::name).containsExactly("sda", "sdb", "sdc", "sdd", "sde");
        events.clear();

        sim.pullOut(3);
        assertThat(List.of(next(), next())).containsExactlyInAnyOrder("removed sdc", "removed sdd");
        assertThat(found()).containsExactly("0:0:0 A", "0:0:1 B", "0:2:0 E");
        sim.plugIn(2);
        assertThat(List.of(next(), next())).containsExactly("added sdc", "added sdd");
        assertThat(host.info().refused()).isEmpty();
    }

    @Test
    void aDiskThatSpinsUpIsWaitedFor() throws Exception {
        attach(SimHostSettings.of(disk("A"), disk("B")).withFaults(List.of(spinsUp(0, 5))));
        assertThat(found()).containsExactly("0:0:0 A", "0:1:0 B");
        assertThat(host.info().refused()).isEmpty();
    }

    @Test
    void aDiskThatTakesLongIsFoundLater() throws Exception {
        // All that is tried at once, and a bit more.
        attach(SimHostSettings.of(disk("A"), disk("B")).withFaults(List.of(spinsUp(0, 24))));
        assertThat(found()).as("nobody waits for the first").containsExactly("0:1:0 B");
        assertThat(host.info().refused())
                .singleElement()
                .asString()
                .contains("0:0:0")
                .contains("not ready yet");
        assertThat(next()).isEqualTo("added sda");
        assertThat(next()).as("of the next scan, which nobody asked for").isEqualTo("added sdb");
        assertThat(found()).containsExactlyInAnyOrder("0:0:0 A", "0:1:0 B");
        assertThat(host.info().refused()).isEmpty();
    }

    @Test
    void anOldDiskTellsItsCapacityInShort() throws Exception {
        SenseData unknown = new SenseData(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_COMMAND_OPERATION_CODE);
        attach(SimHostSettings.of(disk("A"))
                .withFaults(
                        List.of(new SimFault(unknown, EnumSet.of(Operation.READ_CAPACITY_16), 0, Integer.MAX_VALUE))));
        assertThat(found()).containsExactly("0:0:0 A");
        assertThat(host.disks().getFirst().description().capacity())
                .isEqualTo(new Capacity(BYTES / 512, 512, 0, false, false));
        assertThat(host.info().refused()).isEmpty();
    }

    @Test
    void aDeferredErrorSaysNothingOfADisk() throws Exception {
        attach(SimHostSettings.of(disk("A")).withFaults(List.of(deferred(2))));
        assertThat(host.disks().getFirst().description().capacity())
                .isEqualTo(new Capacity(BYTES / 512, 512, 0, true, true));
    }

    @Test
    void aDiskThatTellsOfNothingElseIsNotUsed() throws Exception {
        attach(SimHostSettings.of(disk("A")).withFaults(List.of(deferred(Integer.MAX_VALUE))));
        assertThat(found()).isEmpty();
        assertThat(host.info().refused())
                .singleElement()
                .asString()
                .contains("0:0:0")
                .contains("operation 9eh failed");
    }

    private static SimFault deferred(int count) {
        Deferred unknown = new Deferred(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_COMMAND_OPERATION_CODE);
        return new SimFault(unknown, EnumSet.of(Operation.READ_CAPACITY_16), 0, count);
    }

    private static SimFault spinsUp(int skip, int count) {
        return new SimFault(SPINS_UP, EnumSet.of(Operation.TEST_UNIT_READY), skip, count);
    }

    private String next() throws InterruptedException {
        String event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("an event in 30 s").isNotNull();
        return String.valueOf(event);
    }

    @Override
    public void diskAdded(ScsiDisk disk) {
        events.add("added " + disk.name());
    }

    @Override
    public void diskRemoved(ScsiDisk disk) {
        events.add("removed " + disk.name());
    }

    @Override
    public void diskResized(ScsiDisk disk) {
        events.add("resized " + disk.name());
    }

    @Override
    public void hostRemoved(ScsiHost gone) {
        events.add("gone " + gone.name());
    }
}
