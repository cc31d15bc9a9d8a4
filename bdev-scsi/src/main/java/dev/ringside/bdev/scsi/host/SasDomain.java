package dev.ringside.bdev.scsi.host;

import java.util.List;

/**
 * What there is behind a SAS adapter beside its targets, as an operator wants to see it.
 *
 * @param ports of the adapter that lead to something, in the order of their numbers
 * @param expanders in the order of their handles
 * @param refused disks to which no commands can be sent, with the reason: a line for each
 */
public record SasDomain(List<Port> ports, List<Expander> expanders, List<String> refused) {
    /** Nothing, or nothing that is known. */
    public static final SasDomain NONE = new SasDomain(List.of(), List.of(), List.of());

    /**
     * A port: the phys of the adapter that lead to one device.
     *
     * @param leadsTo SAS address of the device; 0 if that is not told
     * @param width phys that it has
     * @param linked phys of these whose links work
     * @param mbps rate of each of these links, in Mbit/s
     */
    public record Port(int number, long leadsTo, int width, int linked, int mbps) {}

    /**
     * An expander.
     *
     * @param attachedTo SAS address of the expander, or of the adapter, on the way to the adapter
     * @param level how many expanders there are on the way from the adapter to its phys, with itself
     * @param phys that it has
     * @param enclosure name of what it is in; empty if that is not known
     */
    public record Expander(long sasAddress, long attachedTo, int level, int phys, String enclosure) {}
}
