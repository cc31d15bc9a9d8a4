package dev.ringside.bdev.scsi.host;

import dev.ringside.env.dma.DmaSpace;
import java.util.List;

/**
 * A host bus adapter, as the driver of its family presents it. Control plane: called on the host's control thread only, one
 * call at a time; see the package for who calls what.
 *
 * <p>The order of calls: {@link #start} once; then {@link #capabilities}, {@link #identity}, {@link #queue} as often as wanted;
 * then {@link #scanBus}, {@link #check} and {@link #resetController} in any order; {@link #close} at the end, also after a call
 * that has thrown.
 *
 * <p>Every wait of a driver has a deadline, and a register that reads as all ones means that the adapter is gone: {@link
 * ScsiHostException} with {@link ScsiHostException.Kind#GONE}.
 */
public interface ScsiHostDriver extends AutoCloseable {

    /**
     * Resets the adapter, brings it up and makes its queues. Nothing else uses them yet.
     *
     * @param control what the mid-layer does for this driver; valid until {@link #close}
     * @throws ScsiHostException if the adapter does not come up; the mid-layer closes the driver then
     */
    void start(HostControl control) throws ScsiHostException;

    /** What the adapter can take; does not change after {@link #start}. */
    HostCapabilities capabilities();

    /** What the adapter is, for operators. */
    HostIdentity identity();

    /**
     * One of its queues.
     *
     * @param index 0 to {@link HostCapabilities#queues} - 1; the same object each time
     */
    ScsiHostQueue queue(int index);

    /** The memory that the adapter reaches: what a scatter list names is looked up in its translation. */
    DmaSpace dma();

    /**
     * Finds all targets that are there now. A target that was there before and stayed is the same object, whatever the
     * adapter calls it now; one that went and came back is another.
     *
     * <p>Reactors poll the queues meanwhile, and commands are in flight.
     *
     * @return in a stable order, without initiators, expanders and enclosure processors
     * @throws ScsiHostException TIMEOUT or FATAL: the mid-layer resets the adapter
     */
    List<ScsiTarget> scanBus() throws ScsiHostException;

    /** What the last {@link #scanBus} has found beside targets; a driver need not tell. */
    default SasDomain domain() {
        return SasDomain.NONE;
    }

    /**
     * Looks whether the adapter still works; called several times a second. It should cost a read of a register or two.
     *
     * @throws ScsiHostException FATAL if the adapter says that it has failed, GONE if it does not answer
     */
    void check() throws ScsiHostException;

    /**
     * Resets the adapter and brings it up again, with empty queues. No other thread is in a queue meanwhile. When it returns, the adapter has forgotten every command and every task, will touch none of their memory, and
     * the driver ends none of them: the mid-layer has taken them back. Targets stay the same objects, as {@link #scanBus} says;
     * the mid-layer scans afterwards.
     *
     * @param attempt 0 for the first try, higher after a failure: a driver with a harder way to reset takes it then
     * @throws ScsiHostException if the adapter does not come up; it touches no memory then
     */
    void resetController(int attempt) throws ScsiHostException;

    /**
     * Stops the adapter, so that it touches no memory any more, and gives everything back, the PCI function included. Nothing else
     * uses its queues. What has not ended never will.
     */
    @Override
    void close();
}
