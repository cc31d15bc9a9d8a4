package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import java.util.List;

/**
 * What a simulated host is.
 *
 * @param disks each a target of its own, in this order
 * @param faults what goes wrong
 * @param failedResets how many resets of the adapter fail first
 */
public record SimHostSettings(
        HostCapabilities capabilities, List<SimDiskSettings> disks, List<SimFault> faults, int failedResets) {
    private static final HostCapabilities USUAL = new HostCapabilities(1, 128, 1 << 20, 64, 1, 0, 16);

    /** A host with one queue, whose adapter is not particular. */
    public static SimHostSettings of(SimDiskSettings... disks) {
        return new SimHostSettings(USUAL, List.of(disks), List.of(), 0);
    }

    /** The same with another adapter. */
    public SimHostSettings withCapabilities(HostCapabilities other) {
        return new SimHostSettings(other, disks, faults, failedResets);
    }

    /** The same with other faults. */
    public SimHostSettings withFaults(List<SimFault> other) {
        return new SimHostSettings(capabilities, disks, other, failedResets);
    }

    /** The same where so many resets of the adapter fail first. */
    public SimHostSettings withFailedResets(int count) {
        return new SimHostSettings(capabilities, disks, faults, count);
    }
}
