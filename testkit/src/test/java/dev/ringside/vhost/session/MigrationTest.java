package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.Reply;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The dirty log: each page that the device writes is marked, and none that it only reads. */
class MigrationTest {
    private static final int PAGE = 4096;
    private static final long RAM_BYTES = 4L << 20;
    private static final int LOG_BYTES = (int) (RAM_BYTES / PAGE / 8);

    private TargetRig rig;
    private GuestRam ram;
    private Fd log;
    private Mapping bits;

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 1);
        rig.mallocDisk("disk", 4);
        ram = GuestRam.of(new GuestRegion.Layout(0, RAM_BYTES, GuestRam.USER_BASE, 0));
        log = Memfd.createSealable("log", LOG_BYTES);
        bits = Mapping.ofShared(log, 0, LOG_BYTES, true);
    }

    @AfterEach
    void close() throws Exception {
        bits.close();
        log.close();
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    private static byte[] description(long size, long offset) {
        return new Payload(16).u64(0, size).u64(8, offset).bytes();
    }

    private static void setLogBase(VhostUserFrontend front, Fd file, long size, long offset) throws IOException {
        // QEMU waits for a message in reply whether or not it has asked for an acknowledgement.
        front.socket()
                .send(
                        FrontendSocket.message(
                                FrontendRequest.SET_LOG_BASE, MessageHeader.VERSION, description(size, offset)),
                        List.of(file));
        Reply reply = front.socket().receive();
        assertThat(reply.request()).isEqualTo(FrontendRequest.SET_LOG_BASE.code());
        assertThat(reply.flags()).isEqualTo(Reply.FLAGS);
    }

    private static void logAll(BlkFrontend blk, boolean on) throws IOException {
        long features = blk.features();
        blk.messages().setFeatures(on ? features | VirtioFeature.LOG_ALL : features);
    }

    private Set<Long> marked() {
        Set<Long> pages = new TreeSet<>();
        MemorySegment words = bits.segment();
        for (long page = 0; page < LOG_BYTES * 8L; page++) {
            if ((words.get(ValueLayout.JAVA_BYTE, page / 8) >>> (page % 8) & 1) != 0) {
                pages.add(page);
            }
        }
        return pages;
    }

    private static void addPages(Set<Long> pages, long address, long length) {
        for (long page = address / PAGE; page <= (address + length - 1) / PAGE; page++) {
            pages.add(page);
        }
    }

    /** Pages that the device may mark at any time: what the ring lets it write. */
    private static Set<Long> ringPages(BlkDriverQueue queue, RingFormat format) {
        Set<Long> pages = new TreeSet<>();
        int size = queue.ring().size();
        addPages(pages, queue.ring().deviceArea(), format.device(size).bytes());
        if (format == RingFormat.PACKED) {
            addPages(
                    pages,
                    queue.ring().descriptorArea(),
                    format.descriptors(size).bytes());
        }
        return pages;
    }

    @ParameterizedTest
    @EnumSource
    void eachPageThatIsWrittenIsMarkedAndNoOther(RingFormat format) throws Exception {
        Random random = new Random(Seed.of("dirty pages, " + format));
        BlkOptions options =
                BlkOptions.of(1, 256).with(format).withSlots(40, 3 * PAGE).withScratch(65_536);
        try (BlkFrontend blk = rig.start("disk", ram, options)) {
            BlkDriverQueue queue = blk.queue(0);
            Set<Long> ring = ringPages(queue, format);
            setLogBase(blk.messages(), log, LOG_BYTES, 0);
            assertThat(queue.read(0, 8192).status()).isZero();
            assertThat(marked()).as("a log without LOG_ALL").isEmpty();
            logAll(blk, true);
            for (int round = 0; round < 40; round++) {
                Set<Long> expected = new TreeSet<>();
                for (int slot = random.nextInt(40); slot < 40; slot++) {
                    int bytes = 512 * (1 + random.nextInt(3 * PAGE / 512));
                    boolean read = random.nextBoolean();
                    assertThat(queue.submit(slot, read ? BlkLayout.T_IN : BlkLayout.T_OUT, 0, bytes, slot % 2 == 0))
                            .isTrue();
                    if (read) {
                        addPages(expected, queue.dataAddress(slot), bytes);
                    }
                    addPages(expected, queue.headerAddress(0) + 40 * 16 + slot, 1);
                }
                queue.kick();
                while (queue.ring().inFlight() > 0) {
                    queue.await();
                    queue.reap();
                }
                Set<Long> seen = marked();
                assertThat(seen).as("data and status").containsAll(expected);
                if (format == RingFormat.SPLIT) {
                    addPages(expected, queue.ring().deviceArea(), 4);
                }
                assertThat(seen).as("the used ring").containsAll(expected);
                seen.removeAll(ring);
                expected.removeAll(ring);
                assertThat(seen).as("nothing else").isEqualTo(expected);
                assertThat(ring.stream().anyMatch(marked()::contains)).isTrue();
                bits.segment().fill((byte) 0);
            }
            logAll(blk, false);
            // Until then it has asked for kicks and for none.
            bits.segment().fill((byte) 0);
            assertThat(queue.read(0, 8192).status()).isZero();
            assertThat(marked()).as("after LOG_ALL").isEmpty();
        }
        assertThat(rig.log().warnings()).isEmpty();
    }

    private byte[] contents() {
        return ram.read(0, (int) RAM_BYTES);
    }

    /** What QEMU does: it copies everything, then again and again what is marked, and at the end has what the guest has. */
    @ParameterizedTest
    @CsvSource({"SPLIT, true", "SPLIT, false", "PACKED, true", "PACKED, false"})
    void aCopyOfTheMarkedPagesIsACopyOfTheMemory(RingFormat format, boolean eventIdx) throws Exception {
        Random random = new Random(Seed.of("migration, " + format));
        BlkOptions options = BlkOptions.of(1, 64)
                .with(format)
                .without(eventIdx ? 0 : VirtioFeature.RING_EVENT_IDX)
                .withSlots(20, 2 * PAGE)
                .withScratch(65_536);
        byte[] noise = new byte[2 << 20];
        random.nextBytes(noise);
        try (BlkFrontend blk = rig.start("disk", ram, options)) {
            BlkDriverQueue queue = blk.queue(0);
            for (int at = 0; at < noise.length; at += 65_536) {
                assertThat(queue.write(at / 512, Arrays.copyOfRange(noise, at, at + 65_536))
                                .status())
                        .isZero();
            }
            for (int times = 0; times < 5; times++) {
                setLogBase(blk.messages(), log, LOG_BYTES, 0);
                logAll(blk, true);
                byte[] copy = contents();
                for (int round = 0; round < 50; round++) {
                    keepBusy(queue, random);
                    copyMarked(copy);
                }
                while (queue.ring().inFlight() > 0) {
                    queue.await();
                    queue.reap();
                }
                blk.stop();
                copyMarked(copy);
                // What the driver itself writes, its own side logs.
                byte[] now = contents();
                mask(now, queue, format);
                mask(copy, queue, format);
                assertThat(Arrays.mismatch(now, copy))
                        .as("first byte that differs")
                        .isEqualTo(-1);
                bits.segment().fill((byte) 0);
                blk.resume();
                logAll(blk, false);
                assertThat(queue.flush().status()).isZero();
            }
        }
        assertThat(rig.log().warnings()).isEmpty();
    }

    private static void keepBusy(BlkDriverQueue queue, Random random) {
        for (int slot = queue.reap(); slot >= 0; slot = queue.reap()) {
            assertThat(queue.status(slot)).isZero();
        }
        if (queue.ring().inFlight() == 0) {
            for (int slot = 0; slot < 20; slot++) {
                queue.submit(
                        slot,
                        BlkLayout.T_IN,
                        random.nextInt(4000),
                        512 * (1 + random.nextInt(16)),
                        random.nextBoolean());
            }
        }
        queue.kick();
    }

    /** Takes the marks and the pages behind them, a word at a time, as a migration thread does. */
    private void copyMarked(byte[] copy) {
        for (int word = 0; word < LOG_BYTES / 8; word++) {
            long marks = (long) ValueLayout.JAVA_LONG.varHandle().getAndSet(bits.segment(), word * 8L, 0L);
            for (int bit = 0; bit < 64; bit++) {
                if ((marks >>> bit & 1) != 0) {
                    int at = (word * 64 + bit) * PAGE;
                    System.arraycopy(ram.read(at, PAGE), 0, copy, at, PAGE);
                }
            }
        }
    }

    /** Leaves out what the driver writes: headers, the status bytes it clears, its part of the ring, tables. */
    private static void mask(byte[] memory, BlkDriverQueue queue, RingFormat format) {
        int device = (int) queue.ring().deviceArea();
        byte[] kept = Arrays.copyOfRange(
                memory,
                device,
                device + (int) format.device(queue.ring().size()).bytes());
        Arrays.fill(memory, 0, (int) queue.dataAddress(0), (byte) 0);
        System.arraycopy(kept, 0, memory, device, kept.length);
        int scratch = (int) queue.scratchAddress();
        Arrays.fill(memory, scratch, scratch + 65_536 + 32, (byte) 0);
    }

    @Test
    void pagesBeyondTheEndOfTheLogAreLeftOut() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).withScratch(65_536))) {
            setLogBase(blk.messages(), log, 4, 0);
            logAll(blk, true);
            assertThat(blk.queue(0).read(0, 65_536).status()).isZero();
            assertThat(marked()).allMatch(page -> page < 32);
            setLogBase(blk.messages(), log, LOG_BYTES - 64, 64);
            assertThat(blk.queue(0).read(0, 65_536).status()).isZero();
            assertThat(marked()).isNotEmpty();
        }
    }

    @Test
    void sizesThatCannotBeAreRefused() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).withScratch(65_536))) {
            for (long[] bad : new long[][] {
                {0, 0},
                {3, 0},
                {-1, 0},
                {-4, 0},
                {LOG_BYTES + 4, 0},
                {LOG_BYTES, 4},
                {4, 2},
                {4, -4},
                {Long.MAX_VALUE - 3, 0},
                {4, Long.MAX_VALUE - 7},
                {Long.MIN_VALUE, 0}
            }) {
                assertThatThrownBy(() ->
                                blk.messages().tell(FrontendRequest.SET_LOG_BASE, description(bad[0], bad[1]), log))
                        .as("%d bytes at %d", bad[0], bad[1])
                        .isInstanceOf(RefusedException.class);
            }
            assertThatThrownBy(() -> blk.messages().tell(FrontendRequest.SET_LOG_BASE, description(4, 0)))
                    .as("no descriptor")
                    .isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> blk.messages().tell(FrontendRequest.SET_LOG_BASE, new byte[8], log))
                    .as("an address")
                    .isInstanceOf(RefusedException.class);
            assertThat(blk.queue(0).flush().status()).isZero();
        }
    }

    @Test
    void aLogCannotVanish() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).withScratch(65_536));
                Fd loose = Memfd.create("loose log", LOG_BYTES)) {
            assertThatThrownBy(() -> setLogBase(blk.messages(), loose, LOG_BYTES, 0))
                    .as("a file that cannot be sealed")
                    .isInstanceOf(IOException.class);
        }
        rig.awaitEndOfSessions("disk", 1);
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).withScratch(65_536))) {
            setLogBase(blk.messages(), log, LOG_BYTES, 0);
            assertThatThrownBy(() -> Memfd.truncate(log, 0)).isInstanceOf(LinuxException.class);
            logAll(blk, true);
            assertThat(blk.queue(0).read(0, 65_536).status()).isZero();
            assertThat(marked()).isNotEmpty();
        }
    }
}
