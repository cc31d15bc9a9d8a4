package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.env.dma.DmaSpace;

/** A driver of a host under test: how to come by one. */
public interface HostSubject {

    /** What the tests of this subject are called. */
    String name();

    /**
     * Makes a driver that has not been started; the suite closes it. Behind its adapter there is at least one disk that nobody
     * needs, at LUN 0, with at least 16 MiB. One at a time.
     *
     * @param dma the address space that its adapter is to use; what the suite reads and writes is in it
     */
    ScsiHostDriver create(DmaSpace dma) throws Exception;
}
