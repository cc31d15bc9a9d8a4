package dev.ringside.bdev.nvme;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.bdev.nvme.spec.IdentifyNamespace;
import dev.ringside.bdev.nvme.spec.NamespaceDescriptors;
import dev.ringside.bdev.nvme.spec.NvmController;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What a namespace is to the block layer, and which namespaces are none that it knows. */
final class NamespaceShape {
    /** Longer transfers are split: they gain nothing, and their lists fill one page. */
    static final int MAX_TRANSFER_BYTES = 1 << 20;

    private static final String PRODUCT = "NVMe disk";
    private static final int MIN_BLOCK_SHIFT = 9;
    private static final int MAX_BLOCK_SHIFT = 16;
    private static final long MAX_WRITE_ZEROES_BLOCKS = 1 << 16;
    private static final long MAX_DSM_BLOCKS = 0xffff_ffffL;

    private NamespaceShape() {}

    /** Why a namespace is not driven; empty if it is. */
    static Optional<String> refusal(IdentifyNamespace ns, NamespaceDescriptors names) {
        if (names.csi() == NamespaceDescriptors.CSI_ZNS) {
            return Optional.of("it is zoned, and zones are not supported");
        }
        if (names.csi() != 0) {
            return Optional.of("its command set, " + names.csi() + ", is not supported");
        }
        if (ns.metadataBytes() != 0) {
            return Optional.of("its blocks have " + ns.metadataBytes()
                    + " bytes of metadata, which is not supported: format it without (nvme format --ms=0)");
        }
        if ((ns.dps() & 7) != 0) {
            return Optional.of("it has protection information, which is not supported");
        }
        if (ns.blockShift() < MIN_BLOCK_SHIFT || ns.blockShift() > MAX_BLOCK_SHIFT) {
            return Optional.of("its blocks have 2^" + ns.blockShift() + " bytes; 512 to 65536 bytes are supported");
        }
        return Optional.empty();
    }

    /** The longest READ or WRITE of a controller, in bytes. */
    static int maxTransferBytes(IdentifyController ctrl, long cap) {
        int shift = ctrl.mdts() + ControllerRegisters.minPageShift(cap);
        return ctrl.mdts() == 0 || shift >= Integer.SIZE - 2
                ? MAX_TRANSFER_BYTES
                : Math.min(MAX_TRANSFER_BYTES, 1 << shift);
    }

    /** Describes a namespace that is not refused. */
    static BdevInfo describe(
            String name,
            IdentifyController ctrl,
            NvmController limits,
            long cap,
            boolean writeCache,
            int nsid,
            IdentifyNamespace ns,
            NamespaceDescriptors names) {
        UUID uuid = uuid(ctrl, nsid, ns, names);
        int blockSize = 1 << ns.blockShift();
        return new BdevInfo(
                name,
                List.of(uuid.toString()),
                PRODUCT,
                uuid,
                blockSize,
                blockSize,
                ns.nsze(),
                (ns.nsattr() & 1) != 0,
                writeCache,
                false,
                supported(ctrl, limits, cap, ns),
                limits(ctrl, limits, cap, ns));
    }

    private static Set<IoType> supported(
            IdentifyController ctrl, NvmController limits, long cap, IdentifyNamespace ns) {
        Set<IoType> supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.RESET);
        if ((ctrl.oncs() & IdentifyController.ONCS_DSM) != 0) {
            supported.add(IoType.UNMAP);
        }
        if ((ctrl.oncs() & IdentifyController.ONCS_WRITE_ZEROES) != 0) {
            supported.add(IoType.WRITE_ZEROES);
        }
        if ((ctrl.oncs() & IdentifyController.ONCS_COMPARE) != 0) {
            supported.add(IoType.COMPARE);
        }
        // The block layer has one limit for what is transferred and what is verified.
        boolean asLong = limits.vsl() == 0
                || limits.vsl() > Integer.SIZE
                || 1L << (limits.vsl() + ControllerRegisters.minPageShift(cap)) >= maxTransferBytes(ctrl, cap);
        if ((ctrl.oncs() & IdentifyController.ONCS_VERIFY) != 0 && asLong) {
            supported.add(IoType.VERIFY);
        }
        if ((ctrl.oncs() & IdentifyController.ONCS_COPY) != 0
                && (ctrl.ocfs() & IdentifyController.OCFS_FORMAT_0) != 0
                && maxCopyBlocks(ns) > 0) {
            supported.add(IoType.COPY);
        }
        return supported;
    }

    private static IoLimits limits(IdentifyController ctrl, NvmController limits, long cap, IdentifyNamespace ns) {
        int pageShift = ControllerRegisters.minPageShift(cap);
        long zeroes = limits.wzsl() == 0 || limits.wzsl() > Integer.SIZE
                ? MAX_WRITE_ZEROES_BLOCKS
                : Math.max(1, (1L << (limits.wzsl() + pageShift)) >>> ns.blockShift());
        return new IoLimits(
                Math.max(1, maxTransferBytes(ctrl, cap) >>> ns.blockShift()),
                0,
                Integer.bitCount(ns.noiob()) == 1 ? ns.noiob() : 0,
                limits.dmrsl() == 0 ? MAX_DSM_BLOCKS : Math.min(MAX_DSM_BLOCKS, limits.dmrsl()),
                Math.min(MAX_WRITE_ZEROES_BLOCKS, zeroes),
                maxCopyBlocks(ns));
    }

    /** What one command copies, which names one range. */
    private static long maxCopyBlocks(IdentifyNamespace ns) {
        return Math.min(ns.mssrl(), ns.mcl());
    }

    /** The namespace's own, or one that is made of what identifies it. */
    private static UUID uuid(IdentifyController ctrl, int nsid, IdentifyNamespace ns, NamespaceDescriptors names) {
        if (names.uuid().isPresent()) {
            return names.uuid().get();
        }
        if ((ns.nguidHigh() | ns.nguidLow()) != 0) {
            return new UUID(ns.nguidHigh(), ns.nguidLow());
        }
        String identity = ns.eui64() != 0
                ? String.format("eui.%016x", ns.eui64())
                : ctrl.vid() + "." + ctrl.sn() + "." + ctrl.mn() + "." + nsid;
        return UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8));
    }
}
