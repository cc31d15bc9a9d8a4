/**
 * The contract between the SCSI mid-layer and the drivers of host bus adapters. A driver implements {@link
 * dev.ringside.bdev.scsi.host.ScsiHostDriver}, {@link dev.ringside.bdev.scsi.host.ScsiHostQueue} and {@link
 * dev.ringside.bdev.scsi.host.ScsiHostDriverProvider}; everything else here it is given.
 *
 * <h2>Threads</h2>
 *
 * <p>Each host has one control thread. Its requests run to completion on the reactors that they come from: each uses one of the
 * adapter's queues, alone if there are enough of them. The mid-layer sees to it that one thread has a queue at a time, and that
 * the end of a command is told to whom it belongs, whoever polled.
 *
 * <ul>
 *   <li>{@link dev.ringside.bdev.scsi.host.ScsiHostDriver} is called on the control thread only, one call at a time. It may
 *       wait and allocate; every wait ends.
 *   <li>{@link dev.ringside.bdev.scsi.host.ScsiHostQueue} is called by one thread at a time, which sees all that the one before
 *       it did: by the reactors that share the queue, and by the control thread in between. It never waits, allocates, logs, or
 *       throws for what a device did.
 *   <li>Queues share nothing that has to be locked, as different reactors may have different queues. What a driver's control
 *       plane has to put into a queue goes through {@link dev.ringside.bdev.scsi.host.HostControl#onQueue}.
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
