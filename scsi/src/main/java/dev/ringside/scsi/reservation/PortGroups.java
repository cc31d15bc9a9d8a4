package dev.ringside.scsi.reservation;

import dev.ringside.scsi.BigEndian;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The data of REPORT TARGET PORT GROUPS (SPC-5, 6.37) for a unit that can be reached equally well through all ports. */
public final class PortGroups {
    private static final int ACTIVE_OPTIMIZED_SUPPORTED = 0x01;
    private static final int DESCRIPTOR = 8;

    private PortGroups() {}

    /**
     * Groups of ports, all of them active and optimized.
     *
     * @param groups the relative numbers of the ports, at most 255, of each group
     * @param extended whether the parameter data has the extended header
     */
    public static byte[] bytes(SortedMap<Integer, List<Integer>> groups, boolean extended) {
        int at = extended ? 8 : 4;
        int ports = groups.values().stream().mapToInt(List::size).sum();
        byte[] data = new byte[at + DESCRIPTOR * groups.size() + 4 * ports];
        BigEndian.put32(data, 0, data.length - 4L);
        if (extended) {
            data[4] = 0x10;
        }
        for (Map.Entry<Integer, List<Integer>> each : groups.entrySet()) {
            data[at + 1] = ACTIVE_OPTIMIZED_SUPPORTED;
            BigEndian.put16(data, at + 2, each.getKey());
            data[at + 7] = (byte) each.getValue().size();
            at += DESCRIPTOR;
            for (int port : each.getValue()) {
                BigEndian.put16(data, at + 2, port);
                at += 4;
            }
        }
        return data;
    }
}
