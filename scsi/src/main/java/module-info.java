/** SCSI as data: CDBs, sense, VPD, mode and log pages, reservations. No I/O, no dependency. */
module dev.ringside.scsi {
    requires static transitive org.jspecify;

    exports dev.ringside.scsi;
    exports dev.ringside.scsi.block;
    exports dev.ringside.scsi.cdb;
    exports dev.ringside.scsi.inquiry;
    exports dev.ringside.scsi.log;
    exports dev.ringside.scsi.mode;
    exports dev.ringside.scsi.reservation;
    exports dev.ringside.scsi.sense;
}
