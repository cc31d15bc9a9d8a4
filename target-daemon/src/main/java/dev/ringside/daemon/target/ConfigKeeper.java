package dev.ringside.daemon.target;

import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.daemon.config.StateDirectory;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Keeps the configuration in a state directory from {@link #begin} to {@link #close}: writes it again whenever a change has
 * made another one of it. Any thread.
 */
public final class ConfigKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigKeeper.class);

    private final MethodRegistry methods;
    private @Nullable StateDirectory directory;
    private @Nullable JsonNode kept;
    private boolean begun;

    /** Makes one that keeps nothing yet. */
    public ConfigKeeper(MethodRegistry methods) {
        this.methods = methods;
    }

    /** Takes a directory, which is closed with this object; nothing is written before {@link #begin}. */
    public synchronized void own(StateDirectory state) {
        directory = state;
    }

    /**
     * Begins, now that what was kept before has been replayed.
     *
     * @throws StartException if the configuration cannot be written
     */
    public synchronized void begin() throws StartException {
        begun = true;
        try {
            changed();
        } catch (RpcException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    /**
     * Writes the configuration, if it is another one than the last that was written.
     *
     * @throws RpcException EIO if it cannot be written; the next change tries again
     */
    public synchronized void changed() {
        StateDirectory state = directory;
        if (state == null || !begun) {
            return;
        }
        try {
            JsonNode now = ConfigTransfer.save(methods::call);
            if (!now.equals(kept)) {
                state.write(now);
                kept = now;
            }
        } catch (IOException e) {
            LOG.error("the configuration cannot be kept in {}", state.path(), e);
            throw RpcException.errno(
                    Errno.EIO, "the change is made, but cannot be kept in " + state.path() + ": " + e.getMessage());
        }
    }

    /** Keeps nothing any more, and leaves the directory to another daemon. */
    @Override
    public synchronized void close() {
        StateDirectory state = directory;
        directory = null;
        if (state != null) {
            try {
                state.close();
            } catch (IOException e) {
                LOG.warn("{}: {}", state.path(), e.getMessage());
            }
        }
    }
}
