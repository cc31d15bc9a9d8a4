package dev.ringside.daemon.target;

import dev.ringside.bdev.fault.FaultyFunction;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciFunction;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The devices with drivers of the daemon's own that may be given faults. Any thread. */
public final class FaultyDevices {
    private final Map<PciAddress, FaultyFunction> there = new ConcurrentHashMap<>();

    /** Makes one without devices. */
    public FaultyDevices() {}

    /** What a device's driver gets instead of it; the device is known here until its driver gives it back. */
    public PciFunction admit(PciFunction device) {
        PciAddress address = device.address();
        FaultyFunction function = new FaultyFunction(device, () -> there.remove(address));
        there.put(address, function);
        return function;
    }

    Optional<FaultyFunction> find(PciAddress address) {
        return Optional.ofNullable(there.get(address));
    }
}
