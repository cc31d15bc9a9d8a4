package dev.ringside.rpc.server;

import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that accepts, reads and writes for all clients. */
final class ServerLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerLoop.class);
    private static final int BUFFER = 64 * 1024;
    private static final long TICK_MILLIS = 100;

    private final ServerSocketChannel listener;
    private final MethodRegistry methods;
    private final RpcLimits limits;
    private final AllowedPeers peers;
    private final Selector selector;
    private final SelectionKey acceptKey;
    private final ThreadFactory threads = Thread.ofVirtual().name("rpc-", 0).factory();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private final Set<Connection> clients = new HashSet<>();
    /** Clients past the limit that have got, or are about to get, the error that says so. */
    private final Set<Connection> refused = new HashSet<>();

    private final Queue<Connection> attention = new ConcurrentLinkedQueue<>();
    private boolean finishing;
    private volatile boolean stopping;
    private volatile boolean aborting;

    ServerLoop(ServerSocketChannel listener, MethodRegistry methods, RpcLimits limits, AllowedPeers peers)
            throws IOException {
        this.listener = listener;
        this.methods = methods;
        this.limits = limits;
        this.peers = peers;
        try {
            this.selector = Selector.open();
            listener.configureBlocking(false);
            this.acceptKey = listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** Any thread: no new clients and requests; ends when all that have been received are answered. */
    void stop() {
        stopping = true;
        selector.wakeup();
    }

    /** Any thread: ends at once. */
    void abort() {
        stopping = true;
        aborting = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try (selector;
                listener) {
            while (!aborting && !(finishing && clients.isEmpty())) {
                round();
            }
        } catch (IOException e) {
            LOG.error("the RPC server ends", e);
        } finally {
            clients.forEach(Connection::close);
            refused.forEach(Connection::close);
        }
    }

    private void round() throws IOException {
        boolean ticking =
                !acceptKey.isValid() || acceptKey.interestOps() == 0 || anyTimed(clients) || anyTimed(refused);
        if (ticking) {
            selector.select(TICK_MILLIS);
        } else {
            selector.select();
        }
        long now = System.nanoTime();
        for (SelectionKey key : selector.selectedKeys()) {
            if (key == acceptKey) {
                accept(now);
            } else if (key.isValid() && key.attachment() instanceof Connection client) {
                guarded(client, () -> client.ready(buffer, now));
            }
        }
        selector.selectedKeys().clear();
        for (Connection client = attention.poll(); client != null; client = attention.poll()) {
            Connection asking = client;
            guarded(asking, () -> asking.update(now));
        }
        if (stopping && !finishing) {
            finishing = true;
            listener.close();
            for (Connection client : clients) {
                client.finish();
                guarded(client, () -> client.update(now));
            }
        } else if (ticking && !finishing && acceptKey.interestOps() == 0) {
            acceptKey.interestOps(SelectionKey.OP_ACCEPT);
        }
        sweep(clients, now);
        sweep(refused, now);
    }

    private void sweep(Set<Connection> connections, long now) {
        connections.forEach(c -> c.tick(now));
        if (finishing) {
            connections.stream().filter(Connection::isLingering).forEach(Connection::close);
        }
        connections.removeIf(c -> !c.isOpen());
    }

    private static boolean anyTimed(Set<Connection> connections) {
        return connections.stream().anyMatch(Connection::timed);
    }

    private void accept(long now) {
        try {
            for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
                admit(channel, now);
            }
        } catch (ClosedChannelException e) {
            LOG.debug("the RPC socket is closed", e);
        } catch (IOException e) {
            // No descriptors left, say. The clients wait in the socket's queue until the next tick.
            LOG.warn("cannot accept an RPC client: {}", e.getMessage());
            acceptKey.interestOps(0);
        }
    }

    private void admit(SocketChannel channel, long now) throws IOException {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        Connection client =
                new Connection(channel, key, methods, limits, new RequestLane(threads), this::callForAttention);
        key.attach(client);
        UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        boolean allowed = peers.allows(peer);
        if (allowed && clients.size() < limits.connections()) {
            clients.add(client);
            return;
        }
        if (refused.size() >= limits.connections()) {
            client.close();
            return;
        }
        refused.add(client);
        RpcException error = allowed
                ? RpcException.errno(Errno.EBUSY, "the limit of " + limits.connections() + " connections")
                : RpcException.errno(Errno.EACCES, "user " + peer.user().getName() + " may not use the control socket");
        guarded(client, () -> {
            client.condemn(error, now);
            client.update(now);
        });
    }

    private void callForAttention(Connection client) {
        attention.add(client);
        selector.wakeup();
    }

    private interface Step {
        void run() throws IOException;
    }

    /** What one client does to us ends that client only. */
    private static void guarded(Connection client, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            LOG.debug("an RPC client is gone", e);
            client.close();
        } catch (RuntimeException e) {
            LOG.error("an RPC client is closed", e);
            client.close();
        }
    }
}
