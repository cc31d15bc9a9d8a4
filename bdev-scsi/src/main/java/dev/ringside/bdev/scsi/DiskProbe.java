package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.queue.UnitTraits;
import dev.ringside.scsi.LunAddress;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.BlockLimits;
import dev.ringside.scsi.inquiry.Designator;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.inquiry.Provisioning;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.scsi.mode.ModeData;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.SenseKey;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Asks targets what they have and what it is. Owned by the control thread. */
final class DiskProbe {
    /** Most logical units of a target that are looked for. */
    private static final int MAX_LUNS = 1024;

    private static final int INQUIRY_BYTES = InquiryData.BYTES;
    private static final int PAGE_BYTES = 255;
    private static final int SATA_DEPTH = 32;
    private static final int SAS_DEPTH = 64;
    private static final int START = 1;
    private static final int SMALLEST_BLOCK = 512;
    private static final int LARGEST_BLOCK = 65_536;

    private final DeviceCommands commands;
    private final HostCapabilities capabilities;

    DiskProbe(DeviceCommands commands, HostCapabilities capabilities) {
        this.commands = commands;
        this.capabilities = capabilities;
    }

    /** The addresses of a target's logical units; 0 alone if it cannot say. */
    List<Long> luns(ScsiTarget target) throws IOException {
        int bytes = 8 + MAX_LUNS * LunAddress.BYTES;
        try {
            byte[] list = commands.read(new ScsiDevice(target, 0), Cdb.parameters(Operation.REPORT_LUNS, bytes), bytes);
            List<Long> found = LunAddress.parse(list, list.length);
            return found.isEmpty() ? List.of(0L) : found;
        } catch (CheckCondition e) {
            return List.of(0L);
        }
    }

    /**
     * What a logical unit is.
     *
     * @return empty if there is no disk at all
     * @throws NotReadyException if it will be ready later
     * @throws ScsiHostException UNSUPPORTED with the reason if it is a disk that cannot be used
     */
    Optional<DiskDescription> describe(ScsiDevice device) throws IOException {
        try {
            byte[] bytes = commands.read(device, Cdb.parameters(Operation.INQUIRY, INQUIRY_BYTES), INQUIRY_BYTES);
            Optional<InquiryData> inquiry = InquiryData.parse(bytes, bytes.length)
                    .filter(data -> data.qualifier() == InquiryData.CONNECTED && data.type() == InquiryData.DISK);
            if (inquiry.isEmpty()) {
                return Optional.empty();
            }
            makeReady(device);
            return Optional.of(describe(device, inquiry.get()));
        } catch (CheckCondition e) {
            throw new ScsiHostException(Kind.UNSUPPORTED, device.address() + ": " + e.getMessage(), e);
        }
    }

    /** Waits for a device a little, and tells it to start if it wants that (SBC-4, 5.25). */
    private void makeReady(ScsiDevice device) throws IOException, CheckCondition {
        try {
            commands.run(device, Cdb.of(Operation.TEST_UNIT_READY));
        } catch (NotReadyException e) {
            byte[] start = Cdb.of(Operation.START_STOP_UNIT);
            start[4] = START;
            commands.run(device, start);
            commands.run(device, Cdb.of(Operation.TEST_UNIT_READY));
        }
    }

    private DiskDescription describe(ScsiDevice device, InquiryData inquiry) throws IOException, CheckCondition {
        Set<Integer> pages = pages(device);
        byte[] serial = page(device, pages, Vpd.SERIAL);
        byte[] names = page(device, pages, Vpd.IDENTIFICATION);
        byte[] limitsPage = page(device, pages, Vpd.BLOCK_LIMITS);
        byte[] characteristics = page(device, pages, Vpd.BLOCK_CHARACTERISTICS);
        byte[] provisioningPage = page(device, pages, Vpd.PROVISIONING);
        BlockLimits limits = BlockLimits.parse(limitsPage, limitsPage.length);
        Provisioning provisioning = Provisioning.parse(provisioningPage, provisioningPage.length);
        Capacity capacity = capacity(device);
        byte[] mode = modePage(device);
        int specific = ModeData.deviceSpecific(mode, mode.length, false);
        boolean writeCache = ModeData.findPage(mode, mode.length, false, ModeParameters.CACHING)
                .map(ModeParameters::writeCache)
                .orElse(true);
        boolean zeroes = capacity.readsZeroes() || provisioning.readsZeroes();
        UnitTraits traits = new UnitTraits(
                capacity.blockSize(),
                writeCache,
                (specific & ModeData.DPOFUA) != 0,
                provisioning.unmap() && limits.unmapBlocks() > 0,
                longCdbs() && provisioning.writeSame16() && zeroes,
                longCdbs() && (provisioning.writeSame16() || limits.writeSame() != 0),
                depth(device.target(), inquiry));
        return new DiskDescription(
                inquiry.vendor(),
                inquiry.product(),
                inquiry.revision(),
                Vpd.parseSerial(serial, serial.length),
                naa(Vpd.parseIdentification(names, names.length)),
                capacity,
                limits,
                Vpd.parseRotationRate(characteristics, characteristics.length),
                (specific & ModeData.WP) != 0,
                traits);
    }

    private boolean longCdbs() {
        return capabilities.maxCdbBytes() >= Operation.WRITE_SAME_16.length();
    }

    private int depth(ScsiTarget target, InquiryData inquiry) {
        if (!inquiry.commandQueue()) {
            return 1;
        }
        int usual = target.transport() == ScsiTarget.Transport.SATA ? SATA_DEPTH : SAS_DEPTH;
        int wanted = target.queueDepth() > 0 ? target.queueDepth() : usual;
        return Math.min(wanted, capabilities.queueDepth() - 1);
    }

    private Set<Integer> pages(ScsiDevice device) throws IOException {
        byte[] page = page(device, Set.of(Vpd.SUPPORTED), Vpd.SUPPORTED);
        return Set.copyOf(Vpd.parseSupported(page, page.length));
    }

    /** A page of vital product data; empty if there is none. */
    private byte[] page(ScsiDevice device, Set<Integer> supported, int page) throws IOException {
        if (!supported.contains(page)) {
            return new byte[0];
        }
        try {
            return commands.read(device, Cdb.inquiryPage(page, PAGE_BYTES), PAGE_BYTES);
        } catch (CheckCondition e) {
            return new byte[0];
        }
    }

    private byte[] modePage(ScsiDevice device) throws IOException {
        try {
            return commands.read(device, Cdb.modePage(ModeParameters.CACHING, PAGE_BYTES), PAGE_BYTES);
        } catch (CheckCondition e) {
            // Whether it has a cache is not known, and has to be assumed.
            return new byte[0];
        }
    }

    private Capacity capacity(ScsiDevice device) throws IOException, CheckCondition {
        Optional<Capacity> found = Optional.empty();
        if (longCdbs()) {
            found = longCapacity(device);
        }
        if (found.isEmpty()) {
            byte[] data = commands.read(device, Cdb.of(Operation.READ_CAPACITY_10), 8);
            found = Capacity.parseShort(data, data.length);
        }
        Capacity capacity = found.orElseThrow(
                () -> new ScsiHostException(Kind.UNSUPPORTED, device.address() + ": its capacity is not told"));
        int size = capacity.blockSize();
        if (size < SMALLEST_BLOCK || size > LARGEST_BLOCK || Integer.bitCount(size) != 1) {
            throw new ScsiHostException(
                    Kind.UNSUPPORTED,
                    device.address() + ": blocks of " + size + " bytes: a power of two from 512 to 65536 is driven");
        }
        if (capacity.numBlocks() < 1 || capacity.numBlocks() > Long.MAX_VALUE / size) {
            throw new ScsiHostException(
                    Kind.UNSUPPORTED, device.address() + ": " + capacity.numBlocks() + " blocks are not driven");
        }
        return capacity;
    }

    private Optional<Capacity> longCapacity(ScsiDevice device) throws IOException, CheckCondition {
        try {
            byte[] data = commands.read(
                    device, Cdb.parameters(Operation.READ_CAPACITY_16, Capacity.LONG_BYTES), Capacity.LONG_BYTES);
            return Capacity.parseLong(data, data.length);
        } catch (CheckCondition e) {
            if (e.sense().key() != SenseKey.ILLEGAL_REQUEST
                    || e.sense().asc() == AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED.asc()) {
                throw e;
            }
            // An old disk, and a small one.
            return Optional.empty();
        }
    }

    private static Optional<String> naa(List<Designator> names) {
        return names.stream()
                .filter(name -> name.association() == Designator.UNIT && name.type() == Designator.NAA)
                .map(name -> HexFormat.of().formatHex(name.value()))
                .findFirst();
    }
}
