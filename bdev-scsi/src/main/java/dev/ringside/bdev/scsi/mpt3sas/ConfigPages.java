package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.ConfigReader.PageName;
import dev.ringside.bdev.scsi.mpt3sas.mpi.EnclosurePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ExpanderPage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Pages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasIoUnitPages;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The configuration pages that are used. On the host's control thread. */
final class ConfigPages {
    private static final PageName SAS_DEVICE_0 =
            PageName.extended(Config.EXTPAGETYPE_SAS_DEVICE, 0, SasDevicePage0.BYTES);
    private static final PageName SAS_IO_UNIT_0 =
            PageName.extended(Pages.EXTPAGETYPE_SAS_IO_UNIT, 0, SasIoUnitPages.PAGE_0_BYTES);
    private static final PageName SAS_IO_UNIT_1 =
            PageName.extended(Pages.EXTPAGETYPE_SAS_IO_UNIT, 1, SasIoUnitPages.PAGE_1_BYTES);
    private static final PageName EXPANDER_0 =
            PageName.extended(Pages.EXTPAGETYPE_SAS_EXPANDER, 0, ExpanderPage0.BYTES);
    private static final PageName ENCLOSURE_0 = PageName.extended(Pages.EXTPAGETYPE_ENCLOSURE, 0, EnclosurePage0.BYTES);
    /** Commands that a SATA disk with native command queuing can hold. */
    private static final int NCQ_DEPTH = 32;

    private final ConfigReader reader;

    ConfigPages(ConfigReader reader) {
        this.reader = reader;
    }

    /**
     * What the board is.
     *
     * @throws ScsiHostException STATUS, TIMEOUT
     */
    ManufacturingPage0 manufacturing() throws ScsiHostException {
        return reader.manufacturing();
    }

    /**
     * The adapter's own SAS address; 0 if it does not say.
     *
     * @throws ScsiHostException STATUS, TIMEOUT
     */
    long sasAddress() throws ScsiHostException {
        MemorySegment unit = reader.read(SAS_IO_UNIT_0, 0);
        if (unit == null || Fields.u8(unit, SasIoUnitPages.NUM_PHYS) == 0) {
            return 0;
        }
        int handle = Fields.u16(unit, SasIoUnitPages.PHY_DATA + SasIoUnitPages.CONTROLLER_DEV_HANDLE);
        MemorySegment device = reader.read(SAS_DEVICE_0, Pages.FORM_DEVICE_HANDLE | handle);
        return device == null ? 0 : SasDevicePage0.of(device).sasAddress();
    }

    /**
     * All targets that the IOC knows, in the order of their handles, and what they are attached to.
     *
     * @throws ScsiHostException STATUS, TIMEOUT; FATAL if the handles do not ascend
     */
    SasTargets.Scan scan() throws ScsiHostException {
        Map<Integer, Integer> parents = new HashMap<>();
        for (ExpanderPage0 expander : expanders()) {
            parents.put(expander.devHandle(), expander.parentDevHandle());
        }
        List<SasDevicePage0> devices = new ArrayList<>();
        int handle = Pages.FIRST_HANDLE;
        for (MemorySegment page = reader.read(SAS_DEVICE_0, Pages.FORM_GET_NEXT_HANDLE | handle);
                page != null;
                page = reader.read(SAS_DEVICE_0, Pages.FORM_GET_NEXT_HANDLE | handle)) {
            SasDevicePage0 device = SasDevicePage0.of(page);
            handle = next(handle, device.devHandle());
            if (device.isTarget()) {
                devices.add(device);
                parents.put(handle, device.parentDevHandle());
            }
        }
        Depths depths = depths();
        Map<Integer, String> enclosures = new HashMap<>();
        List<SasTargets.Found> found = new ArrayList<>();
        for (SasDevicePage0 device : devices) {
            found.add(new SasTargets.Found(
                    device.sasAddress(),
                    device.devHandle(),
                    device.isSata(),
                    depths.of(device),
                    location(device, enclosures)));
        }
        return new SasTargets.Scan(found, parents, depths.missingDelayS);
    }

    private List<ExpanderPage0> expanders() throws ScsiHostException {
        List<ExpanderPage0> found = new ArrayList<>();
        int handle = Pages.FIRST_HANDLE;
        for (MemorySegment page = reader.read(EXPANDER_0, Pages.FORM_GET_NEXT_HANDLE | handle);
                page != null;
                page = reader.read(EXPANDER_0, Pages.FORM_GET_NEXT_HANDLE | handle)) {
            ExpanderPage0 expander = ExpanderPage0.of(page);
            handle = next(handle, expander.devHandle());
            found.add(expander);
        }
        return found;
    }

    /** The handle that follows; pages that do not ascend would have no end. */
    private static int next(int handle, int found) throws ScsiHostException {
        if (handle != Pages.FIRST_HANDLE && found <= handle) {
            throw new ScsiHostException(Kind.FATAL, "handle " + found + " follows handle " + handle);
        }
        return found;
    }

    /**
     * Commands that the IOC gives to a device of a kind at most; 0: it does not say.
     *
     * @param missingDelayS how long it waits for a device that does not respond
     */
    private record Depths(int narrow, int wide, int sata, int missingDelayS) {
        int of(SasDevicePage0 device) {
            if (device.isSata()) {
                return sata == 0 ? NCQ_DEPTH : sata;
            }
            return device.maxPortConnections() > 1 ? wide : narrow;
        }
    }

    private Depths depths() throws ScsiHostException {
        MemorySegment page = reader.read(SAS_IO_UNIT_1, 0);
        return page == null
                ? new Depths(0, 0, 0, 0)
                : new Depths(
                        Fields.u16(page, SasIoUnitPages.SAS_NARROW_MAX_QUEUE_DEPTH),
                        Fields.u16(page, SasIoUnitPages.SAS_WIDE_MAX_QUEUE_DEPTH),
                        Fields.u8(page, SasIoUnitPages.SATA_MAX_Q_DEPTH),
                        SasIoUnitPages.missingDelay(page));
    }

    /** Where a device is; the names of enclosures are kept by their handles. */
    private String location(SasDevicePage0 device, Map<Integer, String> enclosures) throws ScsiHostException {
        int handle = device.enclosureHandle();
        if (handle == 0) {
            return "phy " + device.phyNum();
        }
        String name = enclosures.get(handle);
        if (name == null) {
            MemorySegment page = reader.read(ENCLOSURE_0, Pages.FORM_ENCLOSURE_HANDLE | handle);
            name = page == null
                    ? Integer.toString(handle)
                    : String.format("%016x", Fields.i64(page, EnclosurePage0.ENCLOSURE_LOGICAL_ID));
            enclosures.put(handle, name);
        }
        return "enclosure " + name + ", slot " + device.slot();
    }
}
