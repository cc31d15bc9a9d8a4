/**
 * The contract between the SCSI mid-layer and the drivers of host bus adapters. A driver implements {@link
 * dev.ringside.bdev.scsi.host.ScsiHostDriver}, {@link dev.ringside.bdev.scsi.host.ScsiHostQueue} and {@link
 * dev.ringside.bdev.scsi.host.ScsiHostDriverProvider}; everything else here it is given.
 *
 * <h2>Threads</h2>
 *
 * <p>Each host has one control thread, and each of its queues belongs to one reactor at a time.
 *
 * <ul>
 *   <li>{@link dev.ringside.bdev.scsi.host.ScsiHostDriver} is called on the control thread only, one call at a time. It may
 *       wait and allocate; every wait ends.
 *   <li>{@link dev.ringside.bdev.scsi.host.ScsiHostQueue} is called on the reactor that has the queue, and never at the same
 *       time as another method of that queue. It never waits, allocates, logs, or throws for what a device did. While no
 *       reactor has it (before the start has ended, during a reset) the control thread calls its {@code poll}, from within
 *       {@link dev.ringside.bdev.scsi.host.HostControl#await}.
 *   <li>Commands run to completion: what was queued on a queue ends on that queue. Queues share nothing that has to be
 *       locked; what a driver's control plane has to put into a queue goes through {@link
 *       dev.ringside.bdev.scsi.host.HostControl#onQueue}.
 *   <li>{@link dev.ringside.bdev.scsi.host.ScsiTopology} may be called from anywhere, and returns at once.
 * </ul>
 *
 * <h2>What the mid-layer does, so that a driver need not</h2>
 *
 * <p>Retries, deadlines, the decoding of sense data, queue depths of devices, the decision to abort or to reset, LUNs and their
 * names, copies of data that the adapter cannot reach, and splitting of what is larger than {@link
 * dev.ringside.bdev.scsi.host.HostCapabilities} allows.
 */
package dev.ringside.bdev.scsi.host;
