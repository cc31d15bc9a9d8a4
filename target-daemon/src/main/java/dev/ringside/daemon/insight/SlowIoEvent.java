package dev.ringside.daemon.insight;

import dev.ringside.bdev.SlowIo;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A guest's request that took longer than the limit of its disk. Committed within a second of its end. */
@Name("dev.ringside.SlowIo")
@Label("Slow I/O")
@Category("Ringside")
@Description("A guest's request that took longer than the limit of its disk")
@StackTrace(false)
final class SlowIoEvent extends Event {
    @Label("Bdev")
    final String bdev;

    @Label("Type")
    final String type;

    @Label("First Block")
    final long lba;

    @Label("Blocks")
    final long blocks;

    @Label("Total")
    @Timespan
    final long total;

    @Label("Poll Delay")
    @Timespan
    final long pollDelay;

    @Label("Waiting in the Ring")
    @Timespan
    final long ring;

    @Label("Waiting in the Block Layer")
    @Timespan
    final long blockLayer;

    @Label("In the Device")
    @Timespan
    final long device;

    SlowIoEvent(String bdev, SlowIo io) {
        this.bdev = bdev;
        this.type = io.type().name();
        this.lba = io.lba();
        this.blocks = io.blocks();
        this.total = io.totalNs();
        this.pollDelay = io.pollDelayNs();
        this.ring = io.ringNs();
        this.blockLayer = io.blockLayerNs();
        this.device = io.deviceNs();
    }
}
