package dev.ringside.bdev.scsi.queue;

/** A command that has come back, whoever has found it. */
interface Arrival {

    /** Its owner has it again; on the owner's thread. */
    void arrived();
}
