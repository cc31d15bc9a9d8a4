package dev.ringside.vhost.scsi.unit;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoType;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.BlockLimits;
import dev.ringside.scsi.inquiry.Designator;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.inquiry.Provisioning;
import dev.ringside.scsi.inquiry.Vpd;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a logical unit says of itself, and what follows from it. */
public final class UnitPages {
    /** Most descriptors of an UNMAP. */
    public static final int MAX_UNMAP_DESCRIPTORS = 256;

    /** Most bytes that COMPARE AND WRITE compares. */
    public static final int MAX_COMPARE_BYTES = 64 << 10;

    /** Most blocks of a WRITE SAME, whose pattern may have to be written block by block. */
    public static final int MAX_WRITE_SAME_BLOCKS = 32_768;

    private static final long NO_LIMIT = 0xffff_ffffL;

    private UnitPages() {}

    /** Whether blocks can be given back and read as zeroes then. */
    public static boolean provisioned(BdevInfo info) {
        return !info.readOnly()
                && info.supported().contains(IoType.UNMAP)
                && info.supported().contains(IoType.WRITE_ZEROES);
    }

    /** Most blocks of a COMPARE AND WRITE. */
    public static int maxCompareBlocks(int blockSize) {
        return Math.min(MAX_COMPARE_BYTES / blockSize, 0xff);
    }

    /** The operations that a disk can do. */
    public static Set<Operation> operations(BdevInfo info) {
        Set<Operation> all = EnumSet.allOf(Operation.class);
        if (!provisioned(info)) {
            all.remove(Operation.UNMAP);
            all.remove(Operation.GET_LBA_STATUS);
        }
        return all;
    }

    static InquiryData inquiry(Nexus nexus) {
        BdevInfo info = nexus.unit.info();
        Naming naming = nexus.unit.naming();
        return new InquiryData(
                InquiryData.CONNECTED,
                InquiryData.DISK,
                InquiryData.SPC_4_VERSION,
                false,
                true,
                nexus.unit.ports().size() > 1,
                true,
                naming.vendorText(),
                naming.productText(info),
                naming.revisionText(),
                List.of(InquiryData.SAM_5, InquiryData.SPC_4, InquiryData.SBC_3));
    }

    /** A page of vital product data; empty bytes if there is none of that code. */
    static byte[] vpd(Nexus nexus, int code) {
        BdevInfo info = nexus.unit.info();
        return switch (code) {
            case Vpd.SUPPORTED -> Vpd.supported(Vpd.DISK_PAGES);
            case Vpd.SERIAL -> Vpd.serial(nexus.unit.naming().serialText(info));
            case Vpd.IDENTIFICATION -> Vpd.identification(names(nexus));
            case Vpd.SOFTWARE_INTERFACE -> Vpd.softwareInterfaces(List.of());
            case Vpd.NETWORK_ADDRESSES -> Vpd.noNetworkAddresses();
            case Vpd.EXTENDED_INQUIRY -> Vpd.extendedInquiry(info.writeCache());
            case Vpd.MODE_PAGE_POLICY -> Vpd.sharedModePages();
            case Vpd.PORTS ->
                Vpd.ports(nexus.unit.ports().stream()
                        .map(port -> new Vpd.Port(port.relative(), List.of(port.naa())))
                        .toList());
            case Vpd.BLOCK_LIMITS -> Vpd.blockLimits(limits(info));
            case Vpd.BLOCK_CHARACTERISTICS -> Vpd.blockCharacteristics(info.rotational());
            case Vpd.PROVISIONING -> Vpd.provisioning(provisioning(info));
            default -> new byte[0];
        };
    }

    static Capacity capacity(BdevInfo info) {
        boolean provisioned = provisioned(info);
        return new Capacity(info.numBlocks(), info.blockSize(), physicalExponent(info), provisioned, provisioned);
    }

    private static List<Designator> names(Nexus nexus) {
        BdevInfo info = nexus.unit.info();
        Naming naming = nexus.unit.naming();
        List<Designator> names = new ArrayList<>();
        names.add(Designator.naa(Designator.UNIT, NaaName.of(info.uuid())));
        names.add(Designator.t10(naming.vendorText(), naming.serialText(info)));
        names.addAll(nexus.port.names());
        return names;
    }

    private static BlockLimits limits(BdevInfo info) {
        boolean provisioned = provisioned(info);
        long physical = 1L << physicalExponent(info);
        return new BlockLimits(
                true,
                maxCompareBlocks(info.blockSize()),
                (int) Math.min(physical, 0xffff),
                0,
                info.limits().boundaryBlocks(),
                0,
                provisioned ? NO_LIMIT : 0,
                provisioned ? MAX_UNMAP_DESCRIPTORS : 0,
                provisioned ? physical : 0,
                provisioned,
                0,
                MAX_WRITE_SAME_BLOCKS);
    }

    private static Provisioning provisioning(BdevInfo info) {
        boolean provisioned = provisioned(info);
        return new Provisioning(
                provisioned, provisioned, provisioned, provisioned, false, provisioned ? Provisioning.THIN : 0);
    }

    private static int physicalExponent(BdevInfo info) {
        return Math.min(15, Integer.numberOfTrailingZeros(info.physicalBlockSize() / info.blockSize()));
    }
}
