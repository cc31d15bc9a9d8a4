package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTarget.Transport;
import dev.ringside.bdev.scsi.mptsas.mpi.SasDevicePage0;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The targets that are there, by their places. Any thread. */
final class SasTargets {
    /** Commands that a SATA disk with native command queuing can hold. */
    private static final int NCQ_DEPTH = 32;

    private final Map<Integer, ScsiTarget> byPlace = new ConcurrentHashMap<>();

    /** The target at a place; null if there is none. */
    @Nullable
    ScsiTarget find(int bus, int id) {
        return byPlace.get(place(bus, id));
    }

    /** Forgets the target at a place; null if there is none. */
    @Nullable
    ScsiTarget remove(int bus, int id) {
        return byPlace.remove(place(bus, id));
    }

    /**
     * Takes over what was found: devices that stayed where they were stay the same targets.
     *
     * @return those that are there now, by bus and number
     */
    List<ScsiTarget> update(List<SasDevicePage0> found) {
        List<ScsiTarget> present = new ArrayList<>();
        for (SasDevicePage0 device : found) {
            ScsiTarget known = find(device.bus(), device.targetId());
            if (known == null || known.sasAddress() != device.sasAddress()) {
                known = make(device);
                byPlace.put(place(device.bus(), device.targetId()), known);
            } else {
                known.renamed(device.devHandle());
            }
            present.add(known);
        }
        byPlace.keySet()
                .retainAll(present.stream()
                        .map(target -> place(target.bus(), target.id()))
                        .collect(Collectors.toSet()));
        present.sort(Comparator.comparingInt(ScsiTarget::bus).thenComparingInt(ScsiTarget::id));
        return present;
    }

    private static ScsiTarget make(SasDevicePage0 device) {
        String location = device.enclosureHandle() == 0
                ? "phy " + device.phyNum()
                : "enclosure " + device.enclosureHandle() + ", slot " + device.slot();
        return new ScsiTarget(
                device.bus(),
                device.targetId(),
                device.sasAddress(),
                device.isSata() ? Transport.SATA : Transport.SAS,
                device.isSata() ? NCQ_DEPTH : 0,
                location,
                device.devHandle());
    }

    private static int place(int bus, int id) {
        return bus << Byte.SIZE | id;
    }
}
