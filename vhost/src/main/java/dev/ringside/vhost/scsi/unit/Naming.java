package dev.ringside.vhost.scsi.unit;

import dev.ringside.bdev.BdevInfo;
import java.util.Optional;

/**
 * What an operator calls a disk; what is absent follows from the bdev.
 *
 * @param vendor 1 to 8 printable ASCII characters
 * @param product 1 to 16
 * @param revision 1 to 4
 * @param serial 1 to 36
 */
public record Naming(
        Optional<String> vendor, Optional<String> product, Optional<String> revision, Optional<String> serial) {
    /** Everything follows from the bdev. */
    public static final Naming FROM_BDEV =
            new Naming(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Longest serial number: a UUID. */
    public static final int MAX_SERIAL = 36;

    /** Checks the lengths and the characters; what is wrong with them is an {@link IllegalArgumentException}. */
    public Naming {
        check("vendor", vendor, 8);
        check("product", product, 16);
        check("revision", revision, 4);
        check("serial", serial, MAX_SERIAL);
    }

    String vendorText() {
        return vendor.orElse("RINGSIDE");
    }

    String productText(BdevInfo info) {
        return product.orElse(info.productName());
    }

    String revisionText() {
        return revision.orElse("0001");
    }

    String serialText(BdevInfo info) {
        return serial.orElse(info.uuid().toString());
    }

    private static void check(String what, Optional<String> text, int longest) {
        text.ifPresent(value -> {
            boolean printable = value.chars().allMatch(c -> c >= ' ' && c <= '~');
            if (value.isEmpty() || value.length() > longest || !printable) {
                throw new IllegalArgumentException(
                        what + " '" + value + "': 1 to " + longest + " printable ASCII characters are allowed");
            }
        });
    }
}
