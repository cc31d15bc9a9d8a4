package dev.ringside.bdev.nvme.spec;

import java.util.Locale;

/** Features of a controller that an operator may look at and set, each a number of 32 bits (base 2.0, 5.27.1). */
public enum Feature {
    ARBITRATION(0x01),
    POWER_MANAGEMENT(0x02),
    TEMPERATURE_THRESHOLD(0x04),
    VOLATILE_WRITE_CACHE(0x06),
    INTERRUPT_COALESCING(0x08),
    WRITE_ATOMICITY(0x0a);

    private final int id;

    Feature(int id) {
        this.id = id;
    }

    /** FID. */
    public int id() {
        return id;
    }

    /** Whether another value changes what the controller's disks are. */
    public boolean changesDisks() {
        return this == VOLATILE_WRITE_CACHE;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
