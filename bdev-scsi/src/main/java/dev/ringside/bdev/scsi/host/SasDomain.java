package dev.ringside.bdev.scsi.host;

import java.util.List;

/**
 * What there is behind a SAS adapter beside its targets, as an operator wants to see it.
 *
 * @param expanders in the order of their handles
 * @param refused disks to which no commands can be sent, with the reason: a line for each
 */
public record SasDomain(List<Expander> expanders, List<String> refused) {
    /** Nothing, or nothing that is known. */
    public static final SasDomain NONE = new SasDomain(List.of(), List.of());

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
