package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.env.dma.DmaSpace;

/** A driver of a host under test: how to come by one. */
public interface HostSubject {

    /** What the tests of this subject are called. */
    String name();

    /** Which of the targets that a scan finds the suite writes to, from 0. */
    default int target() {
        return 0;
    }

    /**
     * Makes a driver that has not been started; the suite closes it. Behind its adapter there is a disk that nobody
     * needs, at LUN 0 of target {@link #target}, with at least 16 MiB. One at a time.
     *
     * @param dma the address space that its adapter is to use; what the suite reads and writes is in it
     */
    ScsiHostDriver create(DmaSpace dma) throws Exception;
}
