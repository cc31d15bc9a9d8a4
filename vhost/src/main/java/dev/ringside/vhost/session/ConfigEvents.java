package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.wire.BackendRequest;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.ProtocolException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the front end that the config space, or the status, is another one; while all rings are stopped the device is
 * suspended and says nothing, but does as soon as one runs. Any thread.
 */
final class ConfigEvents {
    private final String name;
    private final SessionCounters counters;
    private final BooleanSupplier running;
    private final AtomicBoolean changed = new AtomicBoolean();
    private volatile @Nullable BackendChannel channel;

    /**
     * Makes one without a channel.
     *
     * @param name for the log
     * @param running whether a ring runs
     */
    ConfigEvents(String name, SessionCounters counters, BooleanSupplier running) {
        this.name = name;
        this.counters = counters;
        this.running = running;
    }

    /**
     * SET_BACKEND_REQ_FD; on the session's thread.
     *
     * @param answered whether the front end answers if it is asked to
     */
    void use(Message message, boolean answered) throws ProtocolException, LinuxException {
        try {
            replace(BackendChannel.adopt(name, message.fd(0), answered, counters.eventErrors::increment));
        } catch (LinuxException e) {
            throw new ProtocolException(message.request() + ": " + e.getMessage(), e);
        }
    }

    /** Uses a channel that another process used; the descriptor stays the caller's. */
    void adopt(Fd socket, boolean answered) throws LinuxException {
        replace(BackendChannel.adopt(name, socket.duplicate(), answered, counters.eventErrors::increment));
    }

    /** The channel's descriptor, which stays its own; null without a channel. */
    @Nullable
    Fd fd() {
        BackendChannel now = channel;
        return now == null ? null : now.fd();
    }

    /** Something is another one. */
    void changed() {
        changed.set(true);
        tell();
    }

    /** Says what is still to be said, if a ring runs. */
    void tell() {
        BackendChannel to = channel;
        if (to != null && running.getAsBoolean() && changed.compareAndSet(true, false)) {
            to.send(BackendRequest.CONFIG_CHANGE_MSG);
        }
    }

    /**
     * Frees the channel.
     *
     * @param leaves whether another process goes on with it
     */
    void close(boolean leaves) {
        BackendChannel old = channel;
        if (old != null && leaves) {
            channel = null;
            old.leave();
        } else {
            replace(null);
        }
    }

    private void replace(@Nullable BackendChannel next) {
        BackendChannel old = channel;
        channel = next;
        if (old != null) {
            old.close();
        }
    }
}
