/** SCSI disks behind host bus adapters that are driven from user space, as block devices. */
module dev.ringside.bdev.scsi {
    requires transitive dev.ringside.bdev;
    requires transitive dev.ringside.scsi;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.ringside.bdev.scsi;
    exports dev.ringside.bdev.scsi.host;
    exports dev.ringside.bdev.scsi.mpi;
    exports dev.ringside.bdev.scsi.mpt;
    exports dev.ringside.bdev.scsi.mpt3sas;
    exports dev.ringside.bdev.scsi.mpt3sas.mpi;
    exports dev.ringside.bdev.scsi.mptsas;
    exports dev.ringside.bdev.scsi.mptsas.mpi;
    exports dev.ringside.bdev.scsi.queue;
}
