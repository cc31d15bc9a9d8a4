package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.inquiry.Designator;
import dev.ringside.scsi.inquiry.NaaName;
import java.util.List;

/**
 * A target port through which logical units are reached: a target of a controller. All ports of the daemon are those of one
 * target device.
 *
 * @param name of the controller and the target
 * @param relative number of the port, unique in the daemon, at least 1
 */
public record UnitPort(String name, int relative) {
    /** Most ports of a group: REPORT TARGET PORT GROUPS counts them in eight bits. */
    private static final int GROUP_PORTS = 255;

    /** The port group, from 1 on. All groups are alike; there are several where there are more ports than one can have. */
    public int group() {
        return 1 + (relative - 1) / GROUP_PORTS;
    }

    /** What names the port. */
    Designator naa() {
        return Designator.naa(Designator.PORT, NaaName.of("port:" + name));
    }

    /** All that names it, as the Device Identification page has it. */
    List<Designator> names() {
        return List.of(naa(), Designator.relativePort(relative), Designator.portGroup(group()));
    }
}
