package dev.ringside.testkit.mptsas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mptsas.MptsasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver against a model that keeps to the rules. */
class MptsasDriverTest {
    private static final int HALF = DriverRig.MEMORY_BYTES / 2;

    // Made by start(), which each test calls with what it is about.
    @SuppressWarnings("NullAway.Init")
    private DriverRig rig;

    private void start(MptSettings settings) throws Exception {
        MptModel model = new MptModel(settings, new DmaSpace());
        rig = new DriverRig(new MptsasDriver(model, MptPatience.DEFAULT), model);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void saysWhatItIsAndFindsWhatIsThere() throws Exception {
        start(MptSettings.plain());
        assertThat(rig.driver().identity().toString())
                .contains("0000:ed:00.0")
                .contains("mptsas")
                .contains("Model MPT")
                .contains("1.32.3.4");
        HostCapabilities capabilities = rig.driver().capabilities();
        assertThat(capabilities.queues()).isEqualTo(1);
        // Of 128 replies 8 are for events, and of the requests 4 are the driver's.
        assertThat(capabilities.queueDepth()).isEqualTo(116);
        assertThat(capabilities.maxSegments()).isEqualTo(128);

        List<ScsiTarget> found = rig.driver().scanBus();
        assertThat(found).extracting(ScsiTarget::id).containsExactly(1, 4);
        assertThat(found)
                .extracting(ScsiTarget::transport)
                .containsExactly(ScsiTarget.Transport.SAS, ScsiTarget.Transport.SATA);
        assertThat(found.getFirst().sasAddress()).isEqualTo(0x5000_c500_0000_0001L);
        assertThat(rig.driver().scanBus())
                .usingElementComparator((a, b) -> a == b ? 0 : 1)
                .containsExactlyElementsOf(found);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyListOfExtentsMovesEveryByte(boolean highAddresses) throws Exception {
        start(highAddresses ? MptSettings.plain().withHighAddresses() : MptSettings.plain());
        ScsiDevice device = rig.readyUnit(0);
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int extents = 1; extents <= 128; extents++) {
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

    @Test
    void whatCannotBeReachedIsNotTaken() throws Exception {
        start(MptSettings.plain());
        ScsiDevice device = rig.readyUnit(0);
        try (Arena arena = Arena.ofConfined()) {
            ScatterList other = new ScatterList(1);
            other.add(arena.allocate(4096, 4096), 0, 4096);
            assertThat(rig.queue().queueCommand(rig.prepare(0, device, false, 0, 8, other)))
                    .isEqualTo(ScsiHostQueue.UNREACHABLE);
        }
        assertThat(rig.queue()
                        .queueCommand(rig.prepare(0, device, false, 0, 129, rig.cut(0, 129 * 512, 129, new Random(1)))))
                .isEqualTo(ScsiHostQueue.UNREACHABLE);
        rig.queue().commit();
        assertThat(rig.run(rig.prepare(0, device, false, 0, 8, rig.part(0, 4096)))
                        .residual())
                .isZero();
    }

    @Test
    void aDeviceOfFewChainsTakesFewerExtents() throws Exception {
        MptSettings plain = MptSettings.plain();
        start(new MptSettings(64, 96, 2, false, false, plain.disks(), List.of()));
        assertThat(rig.driver().capabilities().maxSegments()).isEqualTo(24);
        assertThat(rig.driver().capabilities().queueDepth()).isEqualTo(60);
        ScsiDevice device = rig.readyUnit(0);
        assertThat(rig.run(rig.prepare(0, device, true, 0, 24, rig.cut(0, 24 * 512, 24, new Random(1))))
                        .residual())
                .isZero();
    }

    @Test
    void allTagsAtOnceAgainAndAgain() throws Exception {
        start(MptSettings.plain());
        ScsiDevice device = rig.readyUnit(1);
        int depth = rig.driver().capabilities().queueDepth();
        for (int round = 1; round <= 20; round++) {
            int[] before = new int[depth];
            for (int tag = 0; tag < depth; tag++) {
                before[tag] = rig.ends(tag);
                ScsiCommand command = rig.prepare(tag, device, tag % 2 == 0, tag, 1, rig.part(tag * 4096L, 4096));
                assertThat(rig.queue().queueCommand(command)).isEqualTo(ScsiHostQueue.QUEUED);
            }
            rig.queue().commit();
            rig.awaitEnd("the end of all", () -> {
                for (int tag = 0; tag < depth; tag++) {
                    if (rig.ends(tag) == before[tag]) {
                        return false;
                    }
                }
                return true;
            });
            for (int tag = 0; tag < depth; tag++) {
                assertThat(rig.ends(tag) - before[tag]).isEqualTo(1);
                assertThat(rig.command(tag).residual()).isZero();
            }
        }
        assertThat(rig.queue().poll(100)).isZero();
    }

    @Test
    void senseDataComesWithTheStatus() throws Exception {
        start(MptSettings.plain());
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

    @Test
    void lessDataThanAskedForIsNoError() throws Exception {
        start(MptSettings.plain());
        ScsiDevice device = rig.readyUnit(0);
        ScsiCommand inquiry =
                rig.run(rig.prepareRead(0, device, new byte[] {0x12, 0, 0, 0, (byte) 255, 0}, rig.part(0, 256)));
        assertThat(inquiry.hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(inquiry.scsiStatus()).isEqualTo(ScsiStatus.GOOD);
        assertThat(inquiry.residual()).isEqualTo(256 - InquiryData.BYTES);
    }

    @ParameterizedTest
    @CsvSource({
        "0x0002, 2",
        "0x0006, 2",
        "0x0003, 6",
        "0x0041, 1",
        "0x0042, 1",
        "0x0043, 1",
        "0x0044, 5",
        "0x0045, 3",
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
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.IOC_STATUS, 2, 1, iocStatus)));
        ScsiDevice device = rig.readyUnit(0);
        assertThat(rig.run(rig.prepare(0, device, false, 0, 1, rig.part(0, 512)))
                        .hostStatus())
                .isEqualTo(hostStatus);
        assertThat(rig.run(rig.prepare(0, device, false, 0, 1, rig.part(0, 512)))
                        .hostStatus())
                .isEqualTo(HostStatus.DELIVERED);
    }

    @Test
    void aStatusOfTheDeviceIsHandedOn() throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.SCSI_STATUS, 2, 1, ScsiStatus.TASK_SET_FULL)));
        ScsiDevice device = rig.readyUnit(0);
        ScsiCommand full = rig.run(rig.prepare(0, device, false, 0, 1, rig.part(0, 512)));
        assertThat(full.hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(full.scsiStatus()).isEqualTo(ScsiStatus.TASK_SET_FULL);
        assertThat(full.residual()).isEqualTo(512);
    }

    @Test
    void eachLogicalUnitKeepsItsOwn() throws Exception {
        start(MptSettings.plain().withDisks(new Disk(1, 512, 64, false).times(2)));
        LogicalUnitChecks.eachKeepsItsOwn(rig, rig.readyUnit(0));
    }
}
