package dev.ringside.benchmarks.load;

/** Which disk it is behind a vhost-user socket. */
public sealed interface DiskAddress {

    /** The name of its kind of device, as options and results have it. */
    String device();

    /** The only one, of a virtio block device. */
    record Blk() implements DiskAddress {
        @Override
        public String device() {
            return "blk";
        }
    }

    /**
     * A logical unit of a virtio SCSI host device.
     *
     * @param target from 0 to 255
     * @param lun from 0 to 16383
     */
    record Scsi(int target, int lun) implements DiskAddress {
        @Override
        public String device() {
            return "scsi";
        }
    }
}
