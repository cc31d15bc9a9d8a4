package dev.ringside.vhost.scsi;

import dev.ringside.scsi.sense.AdditionalSense;

/**
 * Something that a driver is told on the event queue (virtio 1.2, 5.6.6.3).
 *
 * @param address of the logical unit, as REPORT LUNS has it
 */
public record ScsiEvent(int event, long address, int reason) {
    static ScsiEvent appeared(int target, int lun) {
        return new ScsiEvent(ScsiLayout.TRANSPORT_RESET, VirtioLun.reported(target, lun), ScsiLayout.RESCAN);
    }

    static ScsiEvent removed(int target, int lun) {
        return new ScsiEvent(ScsiLayout.TRANSPORT_RESET, VirtioLun.reported(target, lun), ScsiLayout.REMOVED);
    }

    static ScsiEvent changed(int target, int lun, AdditionalSense what) {
        return new ScsiEvent(ScsiLayout.PARAM_CHANGE, VirtioLun.reported(target, lun), what.asc() | what.ascq() << 8);
    }

    /** The feature without which a driver is not told. */
    long feature() {
        return event == ScsiLayout.PARAM_CHANGE ? ScsiLayout.CHANGE : ScsiLayout.HOTPLUG;
    }
}
