package dev.ringside.daemon.target;

/** The kinds of disks that operators make, by the method that makes them. */
public enum DiskKind {
    MALLOC("bdev_malloc_create"),
    NULL("bdev_null_create"),
    AIO("bdev_aio_create"),
    URING("bdev_uring_create"),
    /** A range of a disk behind a SCSI host. */
    SCSI("bdev_scsi_create"),
    /** A namespace; it is made, with the others of its controller, when that is attached. */
    NVME("bdev_nvme_attach_controller");

    private final String createMethod;

    DiskKind(String createMethod) {
        this.createMethod = createMethod;
    }

    /** The RPC method that makes a disk of this kind. */
    public String createMethod() {
        return createMethod;
    }
}
