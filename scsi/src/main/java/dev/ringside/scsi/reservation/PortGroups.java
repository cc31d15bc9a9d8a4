package dev.ringside.scsi.reservation;

import dev.ringside.scsi.BigEndian;
import java.util.List;

/** The data of REPORT TARGET PORT GROUPS (SPC-5, 6.37) for a unit that can be reached equally well through all ports. */
public final class PortGroups {
    private static final int ACTIVE_OPTIMIZED_SUPPORTED = 0x01;
    private static final int DESCRIPTOR = 8;

    private PortGroups() {}

    /**
     * One group with all ports, active and optimized.
     *
     * @param extended whether the parameter data has the extended header
     */
    public static byte[] one(int group, List<Integer> relativePorts, boolean extended) {
        int at = extended ? 8 : 4;
        byte[] data = new byte[at + DESCRIPTOR + 4 * relativePorts.size()];
        BigEndian.put32(data, 0, data.length - 4L);
        if (extended) {
            data[4] = 0x10;
        }
        data[at + 1] = ACTIVE_OPTIMIZED_SUPPORTED;
        BigEndian.put16(data, at + 2, group);
        data[at + 7] = (byte) relativePorts.size();
        for (int i = 0; i < relativePorts.size(); i++) {
            BigEndian.put16(data, at + DESCRIPTOR + 4 * i + 2, relativePorts.get(i));
        }
        return data;
    }
}
