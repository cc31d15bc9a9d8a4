package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCKS;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.vhost.DirtyPages;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The dirty log of a SCSI device: data, responses with their sense data, answers to functions and events are all marked. */
class ScsiMigrationTest {
    private static final long RAM_BYTES = 16L << 20;
    private static final int MOST_BYTES = 32 << 10;
    private static final byte[] NONE = new byte[0];

    @ParameterizedTest
    @EnumSource
    void eachPageThatIsWrittenIsMarkedAndNoOther(RingFormat format) throws Exception {
        Random random = new Random(Seed.of("dirty pages of SCSI, " + format));
        try (ScsiRig rig = new ScsiRig();
                GuestRam ram = GuestRam.of(new GuestRegion.Layout(0, RAM_BYTES, GuestRam.USER_BASE, 0));
                DirtyPages log = new DirtyPages(RAM_BYTES)) {
            rig.ram("ram");
            rig.ram("other");
            rig.controller("c");
            rig.add("c", 0, 0, "ram");
            BlkOptions options = BlkOptions.of(1, 256).with(format).withScratch(MOST_BYTES);
            try (ScsiFrontend front = ScsiFrontend.connect(rig.rig.socket("c"), ram, options)) {
                ScsiDriverQueue queue = front.requests(0);
                queue.execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), NONE, 0);
                Set<Long> rings = new TreeSet<>();
                for (ScsiDriverQueue each : List.of(front.control(), front.events(), queue)) {
                    rings.addAll(DirtyPages.of(each.ring(), format));
                }
                log.give(front.messages());
                good(queue.execute(LUN, Cdb.parameters(Operation.INQUIRY, 96), NONE, 96));
                assertThat(log.marked()).as("a log without LOG_ALL").isEmpty();
                front.messages().setFeatures(front.features() | VirtioFeature.LOG_ALL);
                for (int round = 0; round < 60; round++) {
                    log.clear();
                    Set<Long> expected = round % 10 == 0 ? event(rig, front) : request(front, random);
                    Set<Long> seen = log.marked();
                    assertThat(seen).as("what was written").containsAll(expected);
                    assertThat(rings).as("a ring").anyMatch(seen::contains);
                    seen.removeAll(rings);
                    expected.removeAll(rings);
                    assertThat(seen).as("nothing else").isEqualTo(expected);
                }
            }
            assertThat(rig.rig.log().warnings()).isEmpty();
        }
    }

    /** Has something done, and tells which pages that writes. */
    private static Set<Long> request(ScsiFrontend front, Random random) {
        ScsiDriverQueue queue = front.requests(0);
        int blocks = 1 + random.nextInt(MOST_BYTES / BLOCK);
        byte[] data = new byte[blocks * BLOCK];
        return switch (random.nextInt(6)) {
            case 0 -> command(queue, Cdb.range(Operation.READ_10, 0, blocks, 0), NONE, data.length);
            case 1 -> command(queue, Cdb.range(Operation.WRITE_10, 0, blocks, 0), data, 0);
            // Sense data, and room that is not used.
            case 2 -> command(queue, Cdb.range(Operation.READ_16, BLOCKS, blocks, 0), NONE, data.length);
            // The control plane's.
            case 3 -> command(queue, Cdb.parameters(Operation.MODE_SENSE_10, 255), NONE, 255);
            case 4 -> command(queue, Cdb.range(Operation.VERIFY_10, 0, blocks, 0), NONE, 0);
            default -> {
                Set<Long> pages = new TreeSet<>();
                int function = front.control().function(ScsiLayout.QUERY_TASK_SET, LUN, 0);
                DirtyPages.add(pages, front.control().answerAddress(function), 1);
                assertThat(front.control().answer(function, 1)[0]).isEqualTo((byte) ScsiLayout.S_OK);
                yield pages;
            }
        };
    }

    private static Set<Long> command(ScsiDriverQueue queue, byte[] cdb, byte[] out, int in) {
        Set<Long> pages = new TreeSet<>();
        int id = queue.submit(LUN, 1, cdb, out, in, Integer.MAX_VALUE);
        DirtyPages.add(pages, queue.answerAddress(id), ScsiLayout.RESPONSE_BYTES);
        if (in > 0) {
            DirtyPages.add(pages, queue.dataAddress(id), in);
        }
        assertThat(queue.await(id).response()).isEqualTo(ScsiLayout.S_OK);
        return pages;
    }

    private static Set<Long> event(ScsiRig rig, ScsiFrontend front) throws Exception {
        Set<Long> pages = new TreeSet<>();
        for (boolean add : new boolean[] {true, false}) {
            int event = front.events().offerEvent();
            DirtyPages.add(pages, front.events().answerAddress(event), ScsiLayout.EVENT_BYTES);
            if (add) {
                rig.add("c", 1, 0, "other");
            } else {
                rig.rig.target().scsi("c").remove(1);
            }
            front.events().answer(event, ScsiLayout.EVENT_BYTES);
        }
        return pages;
    }
}
