package dev.ringside.testkit.scsi;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.testkit.bdev.BdevSubject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A disk behind a model of an adapter, for the suite of bdevs. */
public final class DiskOnModel implements BdevSubject {
    private final String name;
    private final HostDisk.Maker maker;
    private final ScsiOptions options;
    private final int index;
    private @Nullable HostDisk disk;

    /** The first disk. */
    public DiskOnModel(String name, HostDisk.Maker maker, ScsiOptions options) {
        this(name, maker, options, 0);
    }

    /**
     * Makes the driver, with its model, anew for each check.
     *
     * @param index of the disk, from 0 in the order of discovery
     */
    public DiskOnModel(String name, HostDisk.Maker maker, ScsiOptions options, int index) {
        this.name = name;
        this.maker = maker;
        this.options = options;
        this.index = index;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Bdev create() throws Exception {
        disk = new HostDisk(maker, options, Range.WHOLE, index);
        return disk;
    }

    @Override
    public MemorySegment allocate(Arena arena, long bytes) {
        return Objects.requireNonNull(disk).allocate(arena, bytes);
    }

    /** A model works where its registers are touched. */
    @Override
    public boolean aloneOnReactor() {
        return false;
    }
}
