package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.DriverRig;
import dev.ringside.testkit.mptsas.LogicalUnitChecks;
import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The driver against a model that keeps to the rules. */
class Mpt3sasDriverTest {
    private static final int HALF = DriverRig.MEMORY_BYTES / 2;

    // Made by start(), which each test calls with what it is about.
    @SuppressWarnings("NullAway.Init")
    private DriverRig rig;

    private void start(Mpt3Settings settings) throws Exception {
        Mpt3Model model = new Mpt3Model(settings, new DmaSpace());
        rig = new DriverRig(new Mpt3sasDriver(model, MptPatience.DEFAULT), model);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void saysWhatItIsAndFindsWhatIsThere() throws Exception {
        start(Mpt3Settings.plain());
        assertThat(rig.driver().identity().toString())
                .contains("mpt3sas")
                .contains("Model MPT3")
                .contains("16.0.10.0");
        assertThat(rig.driver().identity().sasAddress()).isEqualTo(Mpt3Topology.ADAPTER_ADDRESS);
        HostCapabilities capabilities = rig.driver().capabilities();
        assertThat(capabilities.queues()).isEqualTo(1);
        // Of 128 requests 4 are the driver's.
        assertThat(capabilities.queueDepth()).isEqualTo(124);
        assertThat(capabilities.maxSegments()).isEqualTo(128);

        List<ScsiTarget> found = rig.driver().scanBus();
        assertThat(found).extracting(ScsiTarget::id).containsExactly(0, 1);
        assertThat(found)
                .extracting(ScsiTarget::transport)
                .containsExactly(ScsiTarget.Transport.SAS, ScsiTarget.Transport.SATA);
        assertThat(found).extracting(ScsiTarget::queueDepth).containsExactly(254, 31);
        assertThat(found.getFirst().location()).isEqualTo("enclosure 500a098000000001, slot 1");
        assertThat(found.getFirst().sasAddress()).isEqualTo(0x5000_c500_0000_0001L);
        assertThat(rig.driver().scanBus())
                .usingElementComparator((a, b) -> a == b ? 0 : 1)
                .containsExactlyElementsOf(found);
    }

    @ParameterizedTest
    @CsvSource({"8, 128, 128, false", "0, 128, 128, true", "128, 8, 128, false", "4, 3, 11, false", "2, 128, 128, true"
    })
    void everyListOfExtentsMovesEveryByte(int chainElements, int chainDepth, int segments, boolean high)
            throws Exception {
        Mpt3Settings settings = Mpt3Settings.plain().withChains(chainElements, chainDepth);
        start(high ? settings.withHighAddresses() : settings);
        assertThat(rig.driver().capabilities().maxSegments()).isEqualTo(segments);
        ScsiDevice device = rig.readyUnit(0);
        Random random = seeded();
        for (int extents = 1; extents <= segments; extents++) {
            byte[] content = new byte[512 * 128];
            random.nextBytes(content);
            MemorySegment.copy(content, 0, rig.memory(), ValueLayout.JAVA_BYTE, 0, content.length);
            ScsiCommand write =
                    rig.run(rig.prepare(0, device, true, 7, 128, rig.cut(0, content.length, extents, random)));
            assertThat(write.hostStatus()).isEqualTo(HostStatus.DELIVERED);
            assertThat(write.residual()).isZero();

            rig.memory().asSlice(HALF, content.length).fill((byte) 0);
            ScsiCommand read =
                    rig.run(rig.prepare(1, device, false, 7, 128, rig.cut(HALF, content.length, extents, random)));
            assertThat(read.scsiStatus()).isEqualTo(ScsiStatus.GOOD);
            assertThat(rig.memory().asSlice(HALF, content.length).toArray(ValueLayout.JAVA_BYTE))
                    .as("%d extents", extents)
                    .isEqualTo(content);
        }
    }

    private static Random seeded() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    @Test
    void whatCannotBeReachedIsNotTaken() throws Exception {
        start(Mpt3Settings.plain());
        ScsiDevice device = rig.readyUnit(0);
        try (Arena arena = Arena.ofConfined()) {
            ScatterList other = new ScatterList(1);
            other.add(arena.allocate(4096, 4096), 0, 4096);
            assertThat(rig.queue().queueCommand(rig.prepare(0, device, false, 0, 8, other)))
                    .isEqualTo(ScsiHostQueue.UNREACHABLE);
        }
        ScatterList long129 = rig.cut(0, 129 * 512, 129, new Random(1));
        assertThat(rig.queue().queueCommand(rig.prepare(0, device, false, 0, 129, long129)))
                .isEqualTo(ScsiHostQueue.UNREACHABLE);
        rig.queue().commit();
        assertThat(rig.run(rig.prepare(0, device, false, 0, 8, rig.part(0, 4096)))
                        .residual())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, 124", "4, 31", "8, 15"})
    void allTagsOfAllQueuesAtOnceAgainAndAgain(int queues, int depth) throws Exception {
        start(queues == 1 ? Mpt3Settings.plain() : Mpt3Settings.plain().atomicQueues(queues));
        ScsiDevice device = rig.readyUnit(1);
        assertThat(rig.driver().capabilities().queues()).isEqualTo(queues);
        assertThat(rig.driver().capabilities().queueDepth()).isEqualTo(depth);
        int[] ends = new int[queues * depth];
        List<ScsiCommand> commands = new ArrayList<>();
        for (int i = 0; i < queues * depth; i++) {
            int n = i;
            commands.add(new ScsiCommand(i % depth, command -> ends[n]++));
        }
        // Enough for the rings of descriptors to begin again several times.
        for (int round = 1; round <= 30; round++) {
            for (int i = 0; i < commands.size(); i++) {
                ScsiCommand command = commands.get(i);
                ScsiCommand as = rig.prepare(0, device, i % 2 == 0, i, 1, rig.part(i * 4096L, 4096));
                System.arraycopy(as.cdb(), 0, command.cdb(), 0, ScsiCommand.CDB_BYTES);
                command.prepare(device, 16, as.direction(), as.data(), 0);
                assertThat(rig.driver().queue(i / depth).queueCommand(command)).isEqualTo(ScsiHostQueue.QUEUED);
            }
            for (int queue = 0; queue < queues; queue++) {
                rig.driver().queue(queue).commit();
                int left = depth;
                while (left > 0) {
                    int done = rig.driver().queue(queue).poll(7);
                    assertThat(done).isBetween(1, 7);
                    left -= done;
                }
                assertThat(rig.driver().queue(queue).poll(100)).isZero();
            }
            assertThat(ends).containsOnly(round);
            assertThat(commands).allMatch(command -> command.residual() == 0);
        }
    }

    @Test
    void senseDataComesWithTheStatus() throws Exception {
        start(Mpt3Settings.plain());
        ScsiDevice device = DriverRig.unit(rig.driver().scanBus().getFirst());
        ScsiCommand attention = rig.run(rig.prepareReady(3, device));
        assertThat(attention.scsiStatus()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        assertThat(key(attention)).isEqualTo(SenseKey.UNIT_ATTENTION);
        ScsiCommand beyond = rig.run(rig.prepare(5, device, false, 16_384, 1, rig.part(0, 512)));
        assertThat(beyond.hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(key(beyond)).isEqualTo(SenseKey.ILLEGAL_REQUEST);
        assertThat(beyond.residual()).isEqualTo(512);
    }

    private static SenseKey key(ScsiCommand command) {
        return Sense.parse(command.sense(), command.senseLength()).orElseThrow().key();
    }

    @ParameterizedTest
    @CsvSource({
        "0x0002, 2",
        "0x0006, 2",
        "0x0003, 6",
        "0x0042, 1",
        "0x0043, 1",
        "0x0044, 5",
        "0x0046, 3",
        "0x0047, 3",
        "0x0048, 4",
        "0x0049, 3",
        "0x004b, 4",
        "0x004c, 4",
        "0x8004, 3"
    })
    void whatTheIocSaysBecomesWhatTheMidLayerKnows(int iocStatus, int hostStatus) throws Exception {
        // The first request is the TEST UNIT READY that takes the unit attention, the second sees that there is none.
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.IOC_STATUS, 2, 1, iocStatus)));
        ScsiDevice device = rig.readyUnit(0);
        assertThat(rig.run(rig.prepare(0, device, false, 0, 1, rig.part(0, 512)))
                        .hostStatus())
                .isEqualTo(hostStatus);
        assertThat(rig.run(rig.prepare(0, device, false, 0, 1, rig.part(0, 512)))
                        .hostStatus())
                .isEqualTo(HostStatus.DELIVERED);
    }

    @Test
    void aFullQueueOfTheDeviceIsHandedOn() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.SCSI_STATUS, 2, 1, ScsiStatus.TASK_SET_FULL)));
        ScsiDevice device = rig.readyUnit(0);
        ScsiCommand full = rig.run(rig.prepare(0, device, false, 0, 1, rig.part(0, 512)));
        assertThat(full.hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(full.scsiStatus()).isEqualTo(ScsiStatus.TASK_SET_FULL);
        assertThat(full.residual()).isEqualTo(512);
    }

    @Test
    void eachLogicalUnitKeepsItsOwn() throws Exception {
        start(Mpt3Settings.plain().withShelves(List.of(new Shelf(0, List.of(new Disk(1, 512, 64, false).times(2))))));
        LogicalUnitChecks.eachKeepsItsOwn(rig, rig.readyUnit(0));
    }
}
