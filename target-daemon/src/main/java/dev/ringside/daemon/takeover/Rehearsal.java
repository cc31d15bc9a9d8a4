package dev.ringside.daemon.takeover;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.rpc.codec.Json;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.rehearsal.RehearsalGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A hand-over between two targets in this process, with guests of our own, so that the code of the real one is loaded, and
 * the code that serves guests compiled, while the real guests are still served.
 */
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final String NAME = "rehearsal";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final MallocOptions DISK = new MallocOptions(NAME, 512, 2048);

    private Rehearsal() {}

    /**
     * Rehearses; a rehearsal that fails is reported and changes nothing.
     *
     * @param work how long guests read and write
     */
    static void run(Duration work) {
        long start = System.nanoTime();
        try {
            long requests = play(work);
            LOG.info("rehearsed with {} requests in {} ms", requests, (System.nanoTime() - start) / 1_000_000);
        } catch (IOException | BdevException | VhostException | TakeoverException e) {
            LOG.warn("the hand-over could not be rehearsed, the guests may wait longer: {}", e.getMessage());
        }
    }

    /** How many requests a rehearsal did. */
    static long play(Duration work) throws IOException, BdevException, VhostException, TakeoverException {
        try (UnpinnedReactor reactor = new UnpinnedReactor()) {
            Path directory = Files.createTempDirectory("ringside");
            try {
                return play(directory, reactor.reactor(), work.toNanos());
            } finally {
                Files.deleteIfExists(directory.resolve(NAME));
                Files.delete(directory);
            }
        }
    }

    static void failed(String poller, Throwable thrown) {
        LOG.warn("poller {} failed in the rehearsal", poller, thrown);
    }

    private static long play(Path directory, Reactor reactor, long workNs)
            throws IOException, BdevException, VhostException, TakeoverException {
        List<RehearsalGuest> guests = new ArrayList<>();
        long requests = 0;
        MallocBdev disk = MallocBdev.create(DISK);
        try (VhostTarget first = new VhostTarget(directory, List.of(reactor));
                VhostTarget second = new VhostTarget(directory, List.of(reactor))) {
            try {
                serve(first, disk, reactor);
                for (RingFormat format : RingFormat.values()) {
                    guests.add(RehearsalGuest.connect(directory.resolve(NAME), format, false));
                    guests.add(RehearsalGuest.connect(directory.resolve(NAME), format, true));
                }
                for (RehearsalGuest guest : guests) {
                    requests += guest.work(workNs / guests.size());
                }
                second.inherit(first.listeners(), first.portNumbers());
                serve(second, MallocBdev.adopt(DISK, disk.memory().duplicate()), reactor);
                handOver(first, second);
                for (RehearsalGuest guest : guests) {
                    requests += guest.work(0);
                }
                return requests;
            } finally {
                guests.forEach(RehearsalGuest::close);
            }
        }
    }

    private static void serve(VhostTarget target, MallocBdev disk, Reactor reactor)
            throws BdevException, VhostException {
        BdevRegistry registry = new BdevRegistry();
        registry.register(disk);
        target.createBlk(NAME, registry, NAME, BlkSettings.DEFAULT, CpuSet.parse("[" + reactor.core() + "]"));
    }

    private static void handOver(VhostTarget first, VhostTarget second)
            throws IOException, VhostException, TakeoverException {
        UnixConnection[] pair = UnixConnection.pair();
        try (TransferChannel from = new TransferChannel(pair[0]);
                TransferChannel to = new TransferChannel(pair[1])) {
            Descriptors fds = new Descriptors();
            ObjectNode body = Json.object();
            StateJson.write(body, first.rest().join(), fds);
            from.send(Step.STATE, body, fds.list());
            try (Frame frame = to.receive(Step.STATE, PATIENCE)) {
                second.adopt(StateJson.read(frame.body(), new Descriptors(frame.fds())));
            }
            to.send(Step.TAKEN);
            from.receive(Step.TAKEN, PATIENCE).close();
            second.startAdopted().join();
            first.leave();
        }
    }
}
