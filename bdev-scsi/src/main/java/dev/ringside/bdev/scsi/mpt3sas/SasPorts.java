package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.ConfigReader.PageName;
import dev.ringside.bdev.scsi.mpt3sas.mpi.LinkRate;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Pages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasIoUnitPages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasPortPage0;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The ports of the adapter, as one scan sees them. On the host's control thread. */
final class SasPorts {
    private static final PageName PORT_0 = PageName.extended(Pages.EXTPAGETYPE_SAS_PORT, 0, SasPortPage0.BYTES);

    private SasPorts() {}

    /** The phys of a port whose links work. */
    private record Linked(int attachedHandle, int phys, int mbps) {}

    /**
     * The ports that lead to something.
     *
     * @throws ScsiHostException TIMEOUT
     */
    static List<SasDomain.Port> read(ConfigReader reader, SasLinks links) throws ScsiHostException {
        List<SasDomain.Port> found = new ArrayList<>();
        for (Map.Entry<Integer, Linked> entry : linked(reader).entrySet()) {
            int number = entry.getKey();
            Linked linked = entry.getValue();
            MemorySegment page = reader.readIfTold(PORT_0, SasPortPage0.FORM_PORT_NUM | number);
            int width = page == null ? linked.phys : Fields.u8(page, SasPortPage0.PORT_WIDTH);
            long leadsTo = links.address(linked.attachedHandle);
            found.add(new SasDomain.Port(number, leadsTo, width, linked.phys, linked.mbps));
        }
        return List.copyOf(found);
    }

    /** By the numbers of their ports. */
    private static Map<Integer, Linked> linked(ConfigReader reader) throws ScsiHostException {
        Map<Integer, Linked> found = new TreeMap<>();
        MemorySegment unit = reader.readIfTold(ConfigPages.SAS_IO_UNIT_0, 0);
        if (unit == null) {
            return found;
        }
        int phys = Fields.u8(unit, SasIoUnitPages.NUM_PHYS);
        for (int phy = 0; phy < phys; phy++) {
            long at = SasIoUnitPages.PHY_DATA + (long) phy * SasIoUnitPages.PHY_BYTES;
            if (at + SasIoUnitPages.PHY_BYTES > unit.byteSize()) {
                break;
            }
            int rate = Fields.u8(unit, at + SasIoUnitPages.NEGOTIATED_LINK_RATE) & LinkRate.MASK_PHYSICAL;
            int mbps = LinkRate.mbps(rate);
            if (mbps != 0) {
                Linked one = new Linked(Fields.u16(unit, at + SasIoUnitPages.ATTACHED_DEV_HANDLE), 1, mbps);
                found.merge(
                        Fields.u8(unit, at + SasIoUnitPages.PORT),
                        one,
                        (before, next) -> new Linked(before.attachedHandle, before.phys + 1, before.mbps));
            }
        }
        return found;
    }
}
