package dev.ringside.daemon;

import dev.ringside.daemon.target.StartException;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** A daemon with a RAM disk of 1 MiB, 'ram', behind the controller 'c', and a guest that uses it. */
public record ServedGuest(RunningDaemon daemon, GuestRam ram, BlkFrontend front) implements AutoCloseable {
    /** One with further options of the daemon. */
    public static ServedGuest with(UnaryOperator<DaemonOptions> options, BlkOptions guest)
            throws IOException, StartException {
        RunningDaemon daemon = RunningDaemon.with(options);
        daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 2048, 'block_size': 512}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        GuestRam ram = GuestRam.ofMiB(16);
        return new ServedGuest(
                daemon, ram, BlkFrontend.connect(daemon.directory().resolve("c"), ram, guest));
    }

    @Override
    public void close() throws IOException {
        front.close();
        daemon.close();
        ram.close();
    }
}
