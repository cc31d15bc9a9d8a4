package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpt.ConfigReader;
import dev.ringside.bdev.scsi.mpt.ConfigReader.PageName;
import dev.ringside.bdev.scsi.mptsas.mpi.SasDevicePage0;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The configuration pages that are used. On the host's control thread. */
final class ConfigPages {
    private static final PageName SAS_DEVICE_0 =
            PageName.extended(Config.EXTPAGETYPE_SAS_DEVICE, 0, SasDevicePage0.BYTES);

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
     * All targets that the IOC knows, in the order of their handles.
     *
     * @throws ScsiHostException STATUS, TIMEOUT; FATAL if the handles do not ascend
     */
    List<SasDevicePage0> targets() throws ScsiHostException {
        List<SasDevicePage0> found = new ArrayList<>();
        int handle = SasDevicePage0.FIRST_HANDLE;
        for (MemorySegment page = reader.read(SAS_DEVICE_0, SasDevicePage0.FORM_GET_NEXT_HANDLE | handle);
                page != null;
                page = reader.read(SAS_DEVICE_0, SasDevicePage0.FORM_GET_NEXT_HANDLE | handle)) {
            SasDevicePage0 device = SasDevicePage0.of(page);
            if (handle != SasDevicePage0.FIRST_HANDLE && device.devHandle() <= handle) {
                throw new ScsiHostException(
                        Kind.FATAL, "handle " + device.devHandle() + " follows handle " + handle + " of SAS devices");
            }
            handle = device.devHandle();
            if (device.isTarget()) {
                found.add(device);
            }
        }
        return found;
    }
}
