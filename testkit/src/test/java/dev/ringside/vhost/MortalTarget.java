package dev.ringside.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.vhost.scsi.unit.Naming;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A target with a controller over a {@link HeldDisk}, whose only reactor can be stopped dead, as by SIGKILL. */
public final class MortalTarget implements AutoCloseable {
    private static final String NAME = "disk";

    private final TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
    private final HeldDisk disk;
    private final CountDownLatch resurrection = new CountDownLatch(1);

    private MortalTarget(MemorySegment content, int held, long seed) throws IOException {
        disk = new HeldDisk(NAME, content, held, seed);
    }

    /**
     * One with a block device.
     *
     * @param held how many of a hundred requests the disk holds
     */
    public static MortalTarget ofBlk(MemorySegment content, int held, long seed) throws Exception {
        MortalTarget target = new MortalTarget(content, held, seed);
        target.rig.disk(target.disk, false);
        return target;
    }

    /** One with a SCSI device: target 0, logical unit 0. */
    public static MortalTarget ofScsi(MemorySegment content, int held, long seed) throws Exception {
        MortalTarget target = new MortalTarget(content, held, seed);
        TargetRig rig = target.rig;
        rig.register(target.disk);
        rig.target().createScsi(NAME, rig.cpus(), false);
        rig.target().scsi(NAME).add(0, 0, rig.registry(), NAME, Naming.FROM_BDEV);
        return target;
    }

    /** Where front ends connect. */
    public Path socket() {
        return rig.socket(NAME);
    }

    /** The disk. */
    public HeldDisk disk() {
        return disk;
    }

    /** Stops the reactor; returns when it does nothing any more. */
    public void kill() {
        CountDownLatch dead = new CountDownLatch(1);
        rig.reactor(0).execute(() -> {
            dead.countDown();
            await(resurrection);
        });
        await(dead);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Lets the dead finish what it has to, so that it can be buried; the driver has gone. */
    @Override
    public void close() throws IOException {
        resurrection.countDown();
        rig.reactor(0).execute(disk::holdNone);
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }
}
