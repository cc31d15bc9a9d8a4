package dev.ringside.bdev.scsi.host;

/**
 * What an adapter is, for operators.
 *
 * @param address of the PCI function, or what stands for it
 * @param driver name of the driver, such as {@code mptsas}
 * @param model what the adapter says that it is
 * @param firmware version of its firmware; empty if it does not say
 * @param sasAddress its own; 0 if it has none
 */
public record HostIdentity(String address, String driver, String model, String firmware, long sasAddress) {}
