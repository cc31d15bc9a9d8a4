package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.DiskNames;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiListener;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.env.dma.DmaSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Disks that come and go at random, by a seed: the host knows what is there, and calls each by its name. */
class ScsiTopologyTest implements ScsiListener {
    private static final int TOPOLOGIES = 200;
    private static final int CHANGES = 6;
    private static final int MOST_DISKS = 12;
    private static final long BYTES = 64 << 10;

    private final List<ScsiDisk> told = new ArrayList<>();

    @Test
    void topologiesAtRandom() throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("SCSI topologies: -Dseed=" + seed);
        for (int i = 0; i < TOPOLOGIES; i++) {
            try {
                topology(new Random(seed + i));
            } catch (AssertionError e) {
                throw new AssertionError("-Dseed=" + (seed + i) + ": " + e.getMessage(), e);
            }
        }
    }

    private void topology(Random random) throws Exception {
        List<SimDiskSettings> disks = new ArrayList<>();
        int count = random.nextInt(MOST_DISKS + 1);
        for (int i = 0; i < count; i++) {
            int size = 512 << random.nextInt(4);
            disks.add(
                    random.nextBoolean()
                            ? SimDiskSettings.ssd("disk " + i, size, BYTES)
                            : SimDiskSettings.hdd("disk " + i, size, BYTES));
        }
        synchronized (told) {
            told.clear();
        }
        SimHost sim = new SimHost(SimHostSettings.of(disks.toArray(SimDiskSettings[]::new)), new DmaSpace());
        Map<String, String> names = new HashMap<>();
        boolean[] present = new boolean[count];
        Arrays.fill(present, true);
        try (ScsiHost host = ScsiHost.attach("sim0", sim, ScsiOptions.DEFAULT, new DiskNames(), this)) {
            expect(host, disks, present, names);
            for (int change = 0; change < CHANGES && count > 0; change++) {
                int number = random.nextInt(count);
                if (present[number]) {
                    sim.pullOut(number);
                } else {
                    sim.plugIn(number);
                }
                present[number] = !present[number];
                host.rescan().get();
                expect(host, disks, present, names);
            }
        }
        assertThat(sim.violations()).isEmpty();
    }

    private void expect(ScsiHost host, List<SimDiskSettings> disks, boolean[] present, Map<String, String> names) {
        TreeSet<String> expected = new TreeSet<>();
        for (int i = 0; i < present.length; i++) {
            if (present[i]) {
                expected.add(disks.get(i).serial());
            }
        }
        List<ScsiDisk> found = host.disks();
        assertThat(found.stream().map(disk -> disk.description().serial()))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(host.info().refused()).isEmpty();
        synchronized (told) {
            assertThat(told).containsExactlyInAnyOrderElementsOf(found);
        }
        for (ScsiDisk disk : found) {
            String serial = disk.description().serial();
            SimDiskSettings settings = disks.stream()
                    .filter(each -> each.serial().equals(serial))
                    .findFirst()
                    .orElseThrow();
            assertThat(names.computeIfAbsent(serial, s -> disk.name())).isEqualTo(disk.name());
            assertThat(disk.description().capacity().blockSize()).isEqualTo(settings.blockSize());
            assertThat(disk.description().capacity().numBlocks()).isEqualTo(settings.numBlocks());
            assertThat(disk.description().rotational()).isEqualTo(!settings.thin());
            assertThat(disk.description().rotationRate()).isEqualTo(settings.thin() ? 1 : 7200);
            assertThat(disk.description().traits().fua()).isEqualTo(settings.fua());
            assertThat(disk.description().traits().unmap()).isEqualTo(settings.thin());
            assertThat(disk.device().target().transport()).isEqualTo(settings.transport());
        }
        assertThat(names.values()).doesNotHaveDuplicates();
    }

    @Override
    public void diskAdded(ScsiDisk disk) {
        synchronized (told) {
            told.add(disk);
        }
    }

    @Override
    public void diskRemoved(ScsiDisk disk) {
        synchronized (told) {
            told.remove(disk);
        }
    }

    @Override
    public void diskResized(ScsiDisk disk) {
        throw new AssertionError("no disk has another size");
    }

    @Override
    public void hostRemoved(ScsiHost host) {
        throw new AssertionError("the adapter stays");
    }
}
