package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostIdentity;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.env.dma.DmaSpace;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A driver whose host's control thread can be stopped: nobody but reactors looks into its queues then. */
public final class PausableDriver implements ScsiHostDriver {
    private final ScsiHostDriver driver;
    private volatile CountDownLatch stopped = new CountDownLatch(0);
    private volatile CountDownLatch goesOn = new CountDownLatch(0);

    /** Takes a driver that has not been started. */
    public PausableDriver(ScsiHostDriver driver) {
        this.driver = driver;
    }

    /** Returns when the control thread does nothing, which it does until {@link #goOn}. */
    public void pause() throws InterruptedException {
        goesOn = new CountDownLatch(1);
        stopped = new CountDownLatch(1);
        stopped.await();
    }

    /** Lets the control thread go on. */
    public void goOn() {
        goesOn.countDown();
    }

    @Override
    public void check() throws ScsiHostException {
        stopped.countDown();
        try {
            goesOn.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a control thread", e);
        }
        driver.check();
    }

    @Override
    public void start(HostControl control) throws ScsiHostException {
        driver.start(control);
    }

    @Override
    public HostCapabilities capabilities() {
        return driver.capabilities();
    }

    @Override
    public HostIdentity identity() {
        return driver.identity();
    }

    @Override
    public ScsiHostQueue queue(int index) {
        return driver.queue(index);
    }

    @Override
    public DmaSpace dma() {
        return driver.dma();
    }

    @Override
    public List<ScsiTarget> scanBus() throws ScsiHostException {
        return driver.scanBus();
    }

    @Override
    public void resetController(int attempt) throws ScsiHostException {
        driver.resetController(attempt);
    }

    @Override
    public void close() {
        driver.close();
    }
}
