package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import java.util.List;

/**
 * What a simulated host is.
 *
 * @param disks in the order of their targets
 * @param faults what goes wrong
 * @param failedResets how many resets of the adapter fail first
 * @param units of a target: so many disks that follow each other
 */
public record SimHostSettings(
        HostCapabilities capabilities,
        List<SimDiskSettings> disks,
        List<SimFault> faults,
        int failedResets,
        int units) {
    private static final HostCapabilities USUAL = new HostCapabilities(1, 128, 1 << 20, 64, 1, 0, 16);

    /** A host with one queue, whose adapter is not particular. */
    public static SimHostSettings of(SimDiskSettings... disks) {
        return new SimHostSettings(USUAL, List.of(disks), List.of(), 0, 1);
    }

    /** The same with another adapter. */
    public SimHostSettings withCapabilities(HostCapabilities other) {
        return new SimHostSettings(other, disks, faults, failedResets, units);
    }

    /** The same with other faults. */
    public SimHostSettings withFaults(List<SimFault> other) {
        return new SimHostSettings(capabilities, disks, other, failedResets, units);
    }

    /** The same where so many resets of the adapter fail first. */
    public SimHostSettings withFailedResets(int count) {
        return new SimHostSettings(capabilities, disks, faults, count, units);
    }

    /** The same with targets of so many disks each, as logical units. */
    public SimHostSettings withUnits(int perTarget) {
        return new SimHostSettings(capabilities, disks, faults, failedResets, perTarget);
    }
}
