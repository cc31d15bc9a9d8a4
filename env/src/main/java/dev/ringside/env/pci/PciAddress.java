package dev.ringside.env.pci;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a PCI function is: 0000:3b:00.0.
 *
 * @param domain 0 to 0xffffffff, also called segment
 * @param bus 0 to 0xff
 * @param device 0 to 0x1f
 * @param function 0 to 7
 */
public record PciAddress(long domain, int bus, int device, int function) implements Comparable<PciAddress> {
    private static final Pattern TEXT =
            Pattern.compile("(?:([0-9a-fA-F]{1,8})[:.])?([0-9a-fA-F]{1,2})[:.]([0-9a-fA-F]{1,2})\\.([0-7])");

    /**
     * Reads an address as people write it: with or without its domain, also with dots for colons.
     *
     * @return empty if it is none
     */
    public static Optional<PciAddress> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String domain = matcher.group(1);
        int device = Integer.parseInt(matcher.group(3), 16);
        if (device > 0x1f) {
            return Optional.empty();
        }
        return Optional.of(new PciAddress(
                domain == null ? 0 : Long.parseLong(domain, 16),
                Integer.parseInt(matcher.group(2), 16),
                device,
                Integer.parseInt(matcher.group(4))));
    }

    @Override
    public int compareTo(PciAddress other) {
        return toString().compareTo(other.toString());
    }

    /** As Linux writes it. */
    @Override
    public String toString() {
        return String.format("%04x:%02x:%02x.%x", domain, bus, device, function);
    }
}
