package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.ConfigReader.PageName;
import dev.ringside.bdev.scsi.mpt3sas.mpi.EnclosurePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ExpanderPage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IoUnitPage1;
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
    private static final PageName IO_UNIT_1 = new PageName(Config.PAGETYPE_IO_UNIT, 0, 1, IoUnitPage1.BYTES);
    static final PageName SAS_DEVICE_0 = PageName.extended(Config.EXTPAGETYPE_SAS_DEVICE, 0, SasDevicePage0.BYTES);
    static final PageName SAS_IO_UNIT_0 =
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
        MemorySegment unit = reader.readIfTold(SAS_IO_UNIT_0, 0);
        if (unit == null || Fields.u8(unit, SasIoUnitPages.NUM_PHYS) == 0) {
            return 0;
        }
        int handle = Fields.u16(unit, SasIoUnitPages.PHY_DATA + SasIoUnitPages.CONTROLLER_DEV_HANDLE);
        return new SasLinks(reader).address(handle);
    }

    /**
     * What a scan has seen.
     *
     * @param domain what an operator wants to know beside
     */
    record Seen(SasTargets.Scan targets, SasDomain domain) {}

    /**
     * All targets that the IOC knows, in the order of their handles, and what they are attached to.
     *
     * @throws ScsiHostException STATUS, TIMEOUT; FATAL if the handles do not ascend
     */
    Seen scan() throws ScsiHostException {
        Map<Integer, Integer> parents = new HashMap<>();
        List<ExpanderPage0> expanders = expanders();
        expanders.forEach(expander -> parents.put(expander.devHandle(), expander.parentDevHandle()));
        List<SasDevicePage0> disks = disks();
        Depths depths = depths();
        Map<Integer, String> enclosures = new HashMap<>();
        SasLinks links = new SasLinks(reader);
        List<SasTargets.Found> found = new ArrayList<>();
        Map<Long, Integer> absent = new HashMap<>();
        List<String> refused = new ArrayList<>();
        for (SasDevicePage0 disk : disks) {
            if (!disk.isPresent()) {
                parents.put(disk.devHandle(), disk.parentDevHandle());
                absent.put(disk.sasAddress(), disk.devHandle());
                continue;
            }
            String location = location(disk, enclosures);
            String error = disk.accessError();
            if (error.isEmpty()) {
                parents.put(disk.devHandle(), disk.parentDevHandle());
                found.add(new SasTargets.Found(
                        disk.sasAddress(), disk.devHandle(), disk.isSata(), depths.of(disk), location, links.of(disk)));
            } else {
                refused.add(String.format("disk %016x (%s): %s", disk.sasAddress(), location, error));
            }
        }
        List<SasDomain.Expander> known = new ArrayList<>();
        for (ExpanderPage0 expander : expanders) {
            known.add(new SasDomain.Expander(
                    expander.sasAddress(),
                    links.address(expander.parentDevHandle()),
                    expander.sasLevel(),
                    expander.numPhys(),
                    enclosure(expander.enclosureHandle(), enclosures)));
        }
        return new Seen(
                new SasTargets.Scan(found, absent, parents, depths.missingDelayS),
                new SasDomain(SasPorts.read(reader, links), List.copyOf(known), List.copyOf(refused)));
    }

    private List<SasDevicePage0> disks() throws ScsiHostException {
        List<SasDevicePage0> found = new ArrayList<>();
        int handle = Pages.FIRST_HANDLE;
        for (MemorySegment page = reader.read(SAS_DEVICE_0, Pages.FORM_GET_NEXT_HANDLE | handle);
                page != null;
                page = reader.read(SAS_DEVICE_0, Pages.FORM_GET_NEXT_HANDLE | handle)) {
            SasDevicePage0 device = SasDevicePage0.of(page);
            handle = next(handle, device.devHandle());
            if (device.isDisk()) {
                found.add(device);
            }
        }
        return found;
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
                return sata;
            }
            return device.maxPortConnections() > 1 ? wide : narrow;
        }
    }

    private Depths depths() throws ScsiHostException {
        MemorySegment ioUnit = reader.readIfTold(IO_UNIT_1, 0);
        boolean queued = ioUnit == null
                || (Fields.i32(ioUnit, IoUnitPage1.FLAGS) & IoUnitPage1.FLAGS_NATIVE_COMMAND_Q_DISABLE) == 0;
        MemorySegment page = reader.readIfTold(SAS_IO_UNIT_1, 0);
        if (page == null) {
            return new Depths(0, 0, queued ? NCQ_DEPTH : 1, 0);
        }
        int sata = Fields.u8(page, SasIoUnitPages.SATA_MAX_Q_DEPTH);
        return new Depths(
                Fields.u16(page, SasIoUnitPages.SAS_NARROW_MAX_QUEUE_DEPTH),
                Fields.u16(page, SasIoUnitPages.SAS_WIDE_MAX_QUEUE_DEPTH),
                queued ? sata == 0 ? NCQ_DEPTH : sata : 1,
                SasIoUnitPages.missingDelay(page));
    }

    /** Where a device is. */
    private String location(SasDevicePage0 device, Map<Integer, String> enclosures) throws ScsiHostException {
        String enclosure = enclosure(device.enclosureHandle(), enclosures);
        return enclosure.isEmpty() ? "phy " + device.phyNum() : "enclosure " + enclosure + ", slot " + device.slot();
    }

    /** The name of an enclosure, empty if there is none; names are kept by their handles. */
    private String enclosure(int handle, Map<Integer, String> names) throws ScsiHostException {
        if (handle == 0) {
            return "";
        }
        String name = names.get(handle);
        if (name == null) {
            MemorySegment page = reader.readIfTold(ENCLOSURE_0, Pages.FORM_ENCLOSURE_HANDLE | handle);
            name = page == null
                    ? Integer.toString(handle)
                    : String.format("%016x", Fields.i64(page, EnclosurePage0.ENCLOSURE_LOGICAL_ID));
            names.put(handle, name);
        }
        return name;
    }
}
