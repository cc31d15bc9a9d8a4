package dev.ringside.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.Reply;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The dirty log of a guest whose memory begins at 0, as QEMU keeps it: a bit for each page. */
public final class DirtyPages implements AutoCloseable {
    /** Bytes of a page. */
    public static final int PAGE = 4096;

    private final int bytes;
    private final Fd file;
    private final Mapping bits;

    /** Makes a log for so much memory, with no page marked. */
    public DirtyPages(long memoryBytes) throws LinuxException {
        bytes = (int) (memoryBytes / PAGE / 8);
        file = Memfd.createSealable("log", bytes);
        bits = Mapping.ofShared(file, 0, bytes, true);
    }

    /** Bytes of the log. */
    public int bytes() {
        return bytes;
    }

    /** The file, which stays the log's. */
    public Fd file() {
        return file;
    }

    /** The log itself. */
    public MemorySegment bits() {
        return bits.segment();
    }

    /** Gives the log to a back end. */
    public void give(VhostUserFrontend front) throws IOException {
        give(front, file, bytes, 0);
    }

    /** Gives a part of a file to a back end, as a log. */
    public static void give(VhostUserFrontend front, Fd file, long size, long offset) throws IOException {
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

    /** The payload of SET_LOG_BASE. */
    public static byte[] description(long size, long offset) {
        return new Payload(16).u64(0, size).u64(8, offset).bytes();
    }

    /** The pages that are marked. */
    public Set<Long> marked() {
        Set<Long> pages = new TreeSet<>();
        for (long page = 0; page < bytes * 8L; page++) {
            if ((bits().get(ValueLayout.JAVA_BYTE, page / 8) >>> (page % 8) & 1) != 0) {
                pages.add(page);
            }
        }
        return pages;
    }

    /** Marks no page. */
    public void clear() {
        bits().fill((byte) 0);
    }

    /** Adds the pages of a range. */
    public static void add(Set<Long> pages, long address, long length) {
        for (long page = address / PAGE; page <= (address + length - 1) / PAGE; page++) {
            pages.add(page);
        }
    }

    /** Pages that the device may mark at any time: what a ring lets it write. */
    public static Set<Long> of(DriverQueue ring, RingFormat format) {
        Set<Long> pages = new TreeSet<>();
        int size = ring.size();
        add(pages, ring.deviceArea(), format.device(size).bytes());
        if (format == RingFormat.PACKED) {
            add(pages, ring.descriptorArea(), format.descriptors(size).bytes());
        }
        return pages;
    }

    @Override
    public void close() {
        bits.close();
        file.close();
    }
}
