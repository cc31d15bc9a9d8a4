package dev.ringside.bdev.scsi;

/** Who is told what hosts do of themselves. Called on a host's control thread, and must not wait for it. */
public interface ScsiListener {

    /** There is a new disk, or one that was there before is back. */
    void diskAdded(ScsiDisk disk);

    /** A disk has gone: requests to it end with ENODEV. Its bdevs are to be closed. */
    void diskRemoved(ScsiDisk disk);

    /** A disk has another capacity; {@link ScsiDisk#description} says it. */
    void diskResized(ScsiDisk disk);

    /** The adapter was taken away, and its disks with it. The host is to be closed. */
    void hostRemoved(ScsiHost host);
}
