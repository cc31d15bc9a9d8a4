package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.u64;
import static dev.ringside.bdev.nvme.spec.Fields.u8;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.UUID;

/**
 * By what names a namespace goes (base 2.0, 5.17.2.3).
 *
 * @param csi command set; 0: NVM, 2: zoned
 */
public record NamespaceDescriptors(Optional<UUID> uuid, int csi) {
    /** The zoned namespace command set. */
    public static final int CSI_ZNS = 2;

    private static final int HEADER = 4;

    /** What is known of a controller that has none. */
    public static final NamespaceDescriptors NONE = new NamespaceDescriptors(Optional.empty(), 0);

    /** Reads the list. */
    public static NamespaceDescriptors read(MemorySegment data) {
        Optional<UUID> uuid = Optional.empty();
        int csi = 0;
        int at = 0;
        while (at + HEADER <= data.byteSize()) {
            int type = u8(data, at);
            int length = u8(data, at + 1);
            int value = at + HEADER;
            if (type == 0 || length == 0 || value + length > data.byteSize()) {
                break;
            }
            if (type == CommandField.NIDT_UUID && length == 2 * Long.BYTES) {
                uuid = Optional.of(new UUID(
                        Long.reverseBytes(u64(data, value)), Long.reverseBytes(u64(data, value + Long.BYTES))));
            } else if (type == CommandField.NIDT_CSI) {
                csi = u8(data, value);
            }
            at = value + length;
        }
        return new NamespaceDescriptors(uuid, csi);
    }
}
