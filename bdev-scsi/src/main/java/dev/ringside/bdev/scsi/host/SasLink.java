package dev.ringside.bdev.scsi.host;

/**
 * How a target hangs on its adapter, as an operator wants to see it.
 *
 * @param attachedTo SAS address of the expander, or of the adapter, that it is attached to
 * @param phy of that, from 0
 * @param mbps rate of the link, in Mbit/s, as both ends have agreed; 0: not known
 * @param maxMbps what that phy can, in Mbit/s; 0: not known
 */
public record SasLink(long attachedTo, int phy, int mbps, int maxMbps) {}
