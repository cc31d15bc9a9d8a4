package dev.ringside.bdev;

import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.util.function.Consumer;

/** A device that somebody has opened. Control plane, any thread, unless a method says otherwise. */
public final class BdevHandle implements AutoCloseable {
    private final BdevRegistry registry;
    private final BdevNode node;
    private final boolean write;
    private final Consumer<BdevEvent> listener;
    private final boolean forDisk;

    BdevHandle(BdevRegistry registry, BdevNode node, boolean write, Consumer<BdevEvent> listener, boolean forDisk) {
        this.registry = registry;
        this.node = node;
        this.write = write;
        this.listener = listener;
        this.forDisk = forDisk;
    }

    /** What the device is now. */
    public BdevInfo info() {
        return node.bdev().info();
    }

    /**
     * Reserves the right to write for one user, until the handle is closed.
     *
     * @param user name of the one who claims, as operators see it
     * @throws BdevException EBUSY if somebody else has claimed the device or holds it open for writing
     */
    public void claim(String user) throws BdevException {
        registry.claim(node, this, user);
    }

    /**
     * Opens the way to the device for a reactor. On that reactor.
     *
     * @throws IOException if the device cannot be reached
     */
    public BdevChannel openChannel(Reactor reactor) throws IOException {
        SharedChannel shared = node.shared(reactor);
        BdevChannel channel = new BdevChannel(this, shared, reactor, write && !info().readOnly());
        shared.join(channel);
        node.channelOpened(this, channel);
        return channel;
    }

    /**
     * Closes the device for this user and gives its claim back.
     *
     * @throws IllegalStateException if a channel of the handle is still open
     */
    @Override
    public void close() {
        registry.close(node, this);
    }

    boolean writes() {
        return write;
    }

    /** Whether its user is a device itself. */
    boolean forDisk() {
        return forDisk;
    }

    void tell(BdevEvent event) {
        listener.accept(event);
    }

    void channelClosed(BdevChannel channel, Reactor reactor, SharedChannel shared) {
        node.channelClosed(channel);
        node.leave(reactor, shared, channel);
    }
}
