package dev.ringside.testkit.proxy;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * As much of QEMU's monitor protocol as giving a guest that has not started yet a proxy device needs: one line for each
 * command, one for each answer, and events between them. For one thread.
 */
public final class ProxyMonitor implements AutoCloseable {
    private static final int MOST_BYTES = 64 << 10;
    private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(1);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final UnixConnection connection;
    private final MemorySegment buffer = Arena.ofAuto().allocate(MOST_BYTES);
    private final StringBuilder received = new StringBuilder();

    /**
     * Connects, as soon as QEMU listens.
     *
     * @throws LinuxException if it does not listen in a minute
     */
    public ProxyMonitor(Path socket) throws LinuxException {
        connection = connect(socket);
        line();
        execute("{\"execute\":\"qmp_capabilities\"}", List.of());
    }

    private static UnixConnection connect(Path socket) throws LinuxException {
        long deadline = System.nanoTime() + LIMIT_NS;
        while (true) {
            try {
                return UnixConnection.connect(socket);
            } catch (LinuxException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /**
     * Has QEMU make a proxy device for one end of a connection.
     *
     * @param bus of the guest that the device is on
     * @throws LinuxException if the connection to the monitor breaks
     * @throws IllegalStateException with QEMU's words if it refuses
     */
    public void plug(Fd proxyEnd, String bus) throws LinuxException {
        execute("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"model\"}}", List.of(proxyEnd));
        execute(
                "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"x-pci-proxy-dev\",\"bus\":\"" + bus
                        + "\",\"fd\":\"model\"}}",
                List.of());
    }

    /**
     * Starts the guest.
     *
     * @throws LinuxException if the connection to the monitor breaks
     */
    public void startGuest() throws LinuxException {
        execute("{\"execute\":\"cont\"}", List.of());
    }

    private void execute(String command, List<Fd> files) throws LinuxException {
        byte[] bytes = (command + "\n").getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        connection.send(buffer, 0, bytes.length, files);
        String answer = line();
        while (!answer.startsWith("{\"return\"")) {
            if (answer.startsWith("{\"error\"")) {
                throw new IllegalStateException(command + ": " + answer);
            }
            answer = line();
        }
    }

    private String line() throws LinuxException {
        while (received.indexOf("\n") < 0) {
            int came = connection.receive(buffer, 0, MOST_BYTES, new ArrayList<>());
            if (came == 0) {
                throw new IllegalStateException("QEMU has closed its monitor");
            }
            byte[] bytes = buffer.asSlice(0, came).toArray(ValueLayout.JAVA_BYTE);
            received.append(new String(bytes, StandardCharsets.UTF_8));
        }
        int end = received.indexOf("\n");
        String line = received.substring(0, end).strip();
        received.delete(0, end + 1);
        return line;
    }

    @Override
    public void close() {
        connection.close();
    }
}
