package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.SasLink;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.ConfigReader.PageName;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ExpanderPage1;
import dev.ringside.bdev.scsi.mpt3sas.mpi.LinkRate;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Pages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasPhyPage0;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What devices are attached to, and how fast, as one scan sees it. On the host's control thread. */
final class SasLinks {
    private static final PageName PHY_0 = PageName.extended(Pages.EXTPAGETYPE_SAS_PHY, 0, SasPhyPage0.BYTES);
    private static final PageName EXPANDER_1 =
            PageName.extended(Pages.EXTPAGETYPE_SAS_EXPANDER, 1, ExpanderPage1.LEAST_BYTES);

    private final ConfigReader reader;
    /** What others are attached to, by handles. */
    private final Map<Integer, Optional<SasDevicePage0>> parents = new HashMap<>();

    SasLinks(ConfigReader reader) {
        this.reader = reader;
    }

    /**
     * The SAS address of an expander, or of the adapter; 0 if it is not told.
     *
     * @throws ScsiHostException TIMEOUT
     */
    long address(int handle) throws ScsiHostException {
        return parent(handle).map(SasDevicePage0::sasAddress).orElse(0L);
    }

    private Optional<SasDevicePage0> parent(int handle) throws ScsiHostException {
        Optional<SasDevicePage0> known = parents.get(handle);
        if (known == null) {
            MemorySegment page = reader.readIfTold(ConfigPages.SAS_DEVICE_0, Pages.FORM_DEVICE_HANDLE | handle);
            known = Optional.ofNullable(page).map(SasDevicePage0::of);
            parents.put(handle, known);
        }
        return known;
    }

    /**
     * How a device is attached.
     *
     * @throws ScsiHostException TIMEOUT
     */
    SasLink of(SasDevicePage0 device) throws ScsiHostException {
        Optional<SasDevicePage0> parent = parent(device.parentDevHandle());
        int phy = device.phyNum();
        if (parent.isEmpty()) {
            return new SasLink(0, phy, 0, 0);
        }
        long address = parent.get().sasAddress();
        if (parent.get().isExpander()) {
            MemorySegment page = reader.readIfTold(EXPANDER_1, ExpanderPage1.address(device.parentDevHandle(), phy));
            return link(address, phy, page, ExpanderPage1.NEGOTIATED_LINK_RATE, ExpanderPage1.HW_LINK_RATE);
        }
        MemorySegment page = reader.readIfTold(PHY_0, phy);
        return link(address, phy, page, SasPhyPage0.NEGOTIATED_LINK_RATE, SasPhyPage0.HW_LINK_RATE);
    }

    private static SasLink link(long address, int phy, @Nullable MemorySegment page, int negotiated, int hardware) {
        if (page == null) {
            return new SasLink(address, phy, 0, 0);
        }
        return new SasLink(
                address,
                phy,
                LinkRate.mbps(Fields.u8(page, negotiated) & LinkRate.MASK_PHYSICAL),
                LinkRate.mbps(Fields.u8(page, hardware) >>> LinkRate.MAX_SHIFT));
    }
}
