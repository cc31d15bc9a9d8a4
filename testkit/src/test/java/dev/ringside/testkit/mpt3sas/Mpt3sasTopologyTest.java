package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.SasLink;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTarget.Transport;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.DriverRig;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** Topologies at random, by a seed: the driver finds what is there, where it is, moves data, and follows what goes and comes. */
class Mpt3sasTopologyTest {
    private static final int TOPOLOGIES = 1_000;
    private static final int MOST_SHELVES = 5;
    private static final int MOST_DISKS = 5;
    private static final int MOST_WIDTH = 4;
    private static final int BLOCK = 512;
    private static final int SATA_MBPS = 6_000;
    private static final int SAS_MBPS = 12_000;
    private static final long DISK = 0x5000_c500_0000_0000L;
    private static final long EXPANDER = 0x5005_0cc0_0000_0000L;

    @Test
    void topologiesAtRandom() throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("mpt3sas topologies: -Dseed=" + seed);
        for (int n = 0; n < TOPOLOGIES; n++) {
            // Seeds that follow each other give a Random numbers that are much alike.
            SplittableRandom random = new SplittableRandom(seed + n);
            try (Topology topology = new Topology(random)) {
                List<ScsiTarget> found = topology.isFound();
                topology.movesData(found);
                topology.changes(found);
            } catch (AssertionError | ScsiHostException e) {
                throw new AssertionError("-Dseed=" + (seed + n) + ": " + e.getMessage(), e);
            }
        }
    }

    /** What a scan tells of a disk. */
    private record Seen(Transport transport, String location, SasLink link) {}

    /** A topology, with a driver that has found it. */
    private static final class Topology implements AutoCloseable {
        private final SplittableRandom random;
        private final List<Shelf> shelves = new ArrayList<>();
        /** Which shelf a disk is in, by the number of the disk. */
        private final Map<Integer, Integer> shelfOf = new LinkedHashMap<>();
        /** What is to be found, by SAS addresses. */
        private final Map<Long, Seen> expected = new LinkedHashMap<>();
        /** Disks that have been written to: each with its number. */
        private final Set<Integer> written = new HashSet<>();

        private final Mpt3Model model;
        private final DriverRig rig;

        Topology(SplittableRandom random) throws Exception {
            this.random = random;
            plan();
            Mpt3Settings settings =
                    Mpt3Settings.plain().withCredit(16 + random.nextInt(64)).withShelves(shelves);
            this.model = new Mpt3Model(
                    random.nextBoolean() ? settings : settings.atomicQueues(1 + random.nextInt(8)), new DmaSpace());
            this.rig = new DriverRig(new Mpt3sasDriver(model, MptPatience.DEFAULT), model);
        }

        private void plan() {
            int count = 1 + random.nextInt(MOST_SHELVES);
            int number = 0;
            for (int shelf = 0; shelf < count; shelf++) {
                int width = 1 + random.nextInt(MOST_WIDTH);
                List<Disk> disks = new ArrayList<>();
                for (int left = random.nextInt(MOST_DISKS + 1); left > 0; left--) {
                    Disk disk = new Disk(++number, BLOCK, 1, random.nextBoolean());
                    shelfOf.put(number, shelf);
                    expect(disk, shelf, (shelf == 0 ? 0 : width) + disks.size());
                    disks.add(disk);
                }
                shelves.add(new Shelf(shelf == 0 ? 0 : random.nextInt(shelf), disks, width));
            }
        }

        private void expect(Disk disk, int shelf, int phy) {
            SasLink link = new SasLink(addressOf(shelf), phy, mbps(disk), SAS_MBPS);
            String location = "enclosure " + enclosure(shelf) + ", slot " + disk.target();
            expected.put(DISK | disk.target(), new Seen(disk.sata() ? Transport.SATA : Transport.SAS, location, link));
        }

        private static int mbps(Disk disk) {
            return disk.sata() ? SATA_MBPS : SAS_MBPS;
        }

        private static String enclosure(int shelf) {
            return String.format("500a0980%08x", shelf + 1);
        }

        private static long addressOf(int shelf) {
            return shelf == 0 ? Mpt3Topology.ADAPTER_ADDRESS : EXPANDER | shelf;
        }

        private int level(int shelf) {
            return shelf == 0 ? 0 : level(shelves.get(shelf).parent()) + 1;
        }

        /** The adapter's ports: disks at its first phys, and then expanders. */
        private List<SasDomain.Port> ports() {
            List<SasDomain.Port> ports = new ArrayList<>();
            for (Disk disk : shelves.getFirst().disks()) {
                ports.add(new SasDomain.Port(ports.size(), DISK | disk.target(), 1, 1, mbps(disk)));
            }
            int phy = ports.size();
            for (int shelf = 1; shelf < shelves.size(); shelf++) {
                if (shelves.get(shelf).parent() == 0) {
                    int width = shelves.get(shelf).width();
                    ports.add(new SasDomain.Port(phy, addressOf(shelf), width, width, SAS_MBPS));
                    phy += width;
                }
            }
            return ports;
        }

        /** The first phy of the adapter to which nothing is attached. */
        private int freePhy() {
            return ports().stream().mapToInt(SasDomain.Port::width).sum();
        }

        private List<Tuple> expanders() {
            List<Tuple> expanders = new ArrayList<>();
            for (int shelf = 1; shelf < shelves.size(); shelf++) {
                long parent = addressOf(shelves.get(shelf).parent());
                expanders.add(tuple(addressOf(shelf), parent, level(shelf), enclosure(shelf)));
            }
            return expanders;
        }

        List<ScsiTarget> isFound() throws ScsiHostException {
            List<ScsiTarget> found = expectAll();
            assertThat(found).extracting(ScsiTarget::sasAddress).containsExactlyElementsOf(expected.keySet());
            assertThat(rig.driver().domain().ports()).isEqualTo(ports());
            expectExpanders();
            return found;
        }

        /** A scan finds what is expected, and nothing else. */
        private List<ScsiTarget> expectAll() throws ScsiHostException {
            List<ScsiTarget> found = rig.driver().scanBus();
            assertThat(found).extracting(ScsiTarget::id).doesNotHaveDuplicates();
            assertThat(found.stream()
                            .collect(Collectors.toMap(
                                    ScsiTarget::sasAddress,
                                    target -> new Seen(
                                            target.transport(),
                                            target.location(),
                                            target.link().orElseThrow()))))
                    .isEqualTo(expected);
            assertThat(rig.driver().domain().refused()).isEmpty();
            return found;
        }

        private void expectExpanders() {
            assertThat(rig.driver().domain().expanders())
                    .extracting(
                            SasDomain.Expander::sasAddress,
                            SasDomain.Expander::attachedTo,
                            SasDomain.Expander::level,
                            SasDomain.Expander::enclosure)
                    .containsExactlyInAnyOrderElementsOf(expanders());
        }

        /** Each disk keeps what was written to it, and no other. */
        void movesData(List<ScsiTarget> found) {
            for (ScsiTarget target : found) {
                move(target, true);
            }
            for (ScsiTarget target : found) {
                move(target, false);
            }
        }

        private void move(ScsiTarget target, boolean write) {
            ScsiDevice device = DriverRig.unit(target);
            byte number = (byte) target.sasAddress();
            int tag = random.nextInt(rig.driver().capabilities().queueDepth());
            if (run(rig.prepareReady(tag, device)).scsiStatus() == ScsiStatus.CHECK_CONDITION) {
                // It has told of a reset.
                assertThat(run(rig.prepareReady(tag, device)).scsiStatus()).isEqualTo(ScsiStatus.GOOD);
            }
            MemorySegment memory = rig.memory().asSlice(tag * 4096L, BLOCK);
            memory.fill(write ? number : (byte) ~number);
            ScsiCommand command = run(rig.prepare(tag, device, write, 0, 1, rig.part(tag * 4096L, BLOCK)));
            assertThat(command.scsiStatus()).isEqualTo(ScsiStatus.GOOD);
            assertThat(command.residual()).isZero();
            if (write) {
                written.add((int) number);
            } else {
                assertThat(memory.toArray(ValueLayout.JAVA_BYTE))
                        .as("block of disk %d", number)
                        .containsOnly(written.contains((int) number) ? number : 0);
            }
        }

        /** Runs a command in one of the queues; the model carries it out when it is posted. */
        private ScsiCommand run(ScsiCommand command) {
            ScsiHostQueue queue = rig.driver()
                    .queue(random.nextInt(rig.driver().capabilities().queues()));
            int before = rig.ends(command.tag());
            assertThat(queue.queueCommand(command)).isEqualTo(ScsiHostQueue.QUEUED);
            queue.commit();
            while (queue.poll(16) > 0) {
                // Until nothing is left.
            }
            assertThat(rig.ends(command.tag()) - before).isEqualTo(1);
            return command;
        }

        /** A disk goes, or an expander with what is behind it, and comes back. */
        void changes(List<ScsiTarget> before) throws ScsiHostException {
            int things = before.size() + shelves.size() - 1;
            if (things == 0) {
                return;
            }
            int which = random.nextInt(things);
            List<ScsiTarget> after = which < before.size()
                    ? moveDisk(before.get(which))
                    : replugExpander(which - before.size() + 1, before);
            for (ScsiTarget target : after) {
                move(target, false);
            }
        }

        /** It is plugged into the adapter itself then, with nothing in it. */
        private List<ScsiTarget> moveDisk(ScsiTarget target) throws ScsiHostException {
            int number = (int) (target.sasAddress() - DISK);
            awaitHandshakes(List.of());
            rig.told.clear();
            int handle = model.hotPlug().remove(number);
            awaitHandshakes(List.of(handle));
            assertThat(rig.told).containsExactly("removed " + target.id(), "changed");
            Seen was = Objects.requireNonNull(expected.remove(target.sasAddress()));
            written.remove(number);
            expectAll();

            Disk disk = new Disk(number, BLOCK, 1, was.transport == Transport.SATA);
            model.hotPlug().add(disk);
            expect(disk, 0, shelfOf.getOrDefault(number, 0) == 0 ? was.link.phy() : freePhy());
            awaitHandshakes(List.of());
            List<ScsiTarget> after = expectAll();
            assertThat(after).doesNotContain(target);
            return after;
        }

        private List<ScsiTarget> replugExpander(int shelf, List<ScsiTarget> before) throws ScsiHostException {
            Map<Long, Seen> all = new LinkedHashMap<>(expected);
            shelfOf.forEach((number, in) -> {
                if (isBehind(in, shelf)) {
                    expected.remove(DISK | number);
                }
            });
            Mpt3HotPlug.Gone gone = model.hotPlug().removeExpander(shelf);
            awaitHandshakes(gone.handles());
            List<ScsiTarget> left = expectAll();
            assertThat(before).containsAll(left);
            assertThat(rig.driver().domain().expanders())
                    .extracting(SasDomain.Expander::sasAddress)
                    .doesNotContain(addressOf(shelf));

            model.hotPlug().plugIn(gone);
            awaitHandshakes(List.of());
            expected.putAll(all);
            List<ScsiTarget> after = expectAll();
            assertThat(after).containsAll(left);
            expectExpanders();
            return after;
        }

        private boolean isBehind(int shelf, int expander) {
            return shelf == expander
                    || (shelf != 0 && isBehind(shelves.get(shelf).parent(), expander));
        }

        /** Devices that have gone are removed, and what was told is acknowledged. */
        private void awaitHandshakes(List<Integer> handles) throws ScsiHostException {
            rig.driver().check();
            rig.awaitEnd(
                    "handshakes",
                    () -> model.unacknowledged() == 0 && handles.stream().noneMatch(model::knows));
        }

        @Override
        public void close() {
            rig.close();
        }
    }
}
