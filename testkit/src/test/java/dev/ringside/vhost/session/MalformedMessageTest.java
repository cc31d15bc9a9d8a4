package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkConfig;
import dev.ringside.vhost.wire.ConfigSpace;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MemoryTable;
import dev.ringside.vhost.wire.ProtocolFeature;
import dev.ringside.vhost.wire.VringFd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Front ends that break the protocol: each is told of by one line and one count and loses its connection, and nobody else
 * notices.
 */
class MalformedMessageTest {
    private static final int VERSION = 1;
    private static final long PROTOCOL = ProtocolFeature.MQ
            | ProtocolFeature.BACKEND_REQ
            | ProtocolFeature.CONFIG
            | ProtocolFeature.CONFIGURE_MEM_SLOTS;

    private TargetRig rig;
    private GuestRam ram;
    private Neighbour neighbour;
    private long files;
    private int session;

    private interface Attack {
        void on(VhostUserFrontend front) throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 1);
        rig.mallocDisk("bad", 4);
        rig.mallocDisk("good", 4);
        ram = GuestRam.withHoles(4, 2, 1L << 32);
        neighbour = new Neighbour(rig, "good");
        neighbour.verify();
        files = OpenFiles.count();
    }

    @AfterEach
    void close() throws Exception {
        neighbour.verify();
        Await.until("files are closed", () -> OpenFiles.count() <= files);
        neighbour.close();
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    /** One session that does something, and then closes its end; returns how many lines and counts that made. */
    private void attack(String what, int expected, Attack attack) throws Exception {
        long before = errors();
        String name = "bads" + session++;
        try (VhostUserFrontend front = rig.connect("bad")) {
            front.setProtocolFeatures(PROTOCOL);
            attack.on(front);
        }
        rig.awaitEndOfSessions("bad", session);
        assertThat(rig.log().warnings(name)).as(what).hasSize(expected);
        assertThat(errors() - before).as(what).isEqualTo(expected);
    }

    private long errors() throws Exception {
        return rig.counter("bad", "protocol_errors") + rig.counter("bad", "connection_errors");
    }

    /** As {@link #attack}, and the back end must be the one that closes. */
    private void rejected(String what, Attack attack) throws Exception {
        attack(what, 1, front -> {
            attack.on(front);
            front.socket().awaitClosed();
        });
    }

    @Test
    void bearsTheEndOfTheConnectionAfterEachByte() throws Exception {
        byte[] message = FrontendSocket.message(
                FrontendRequest.SET_MEM_TABLE,
                VERSION,
                VhostUserFrontend.memTable(
                        4, ram.regions().stream().map(MemoryRegion::of).toList()));
        List<Fd> fds = ram.regions().stream().map(region -> region.file()).toList();
        for (int length = 0; length < message.length; length++) {
            byte[] prefix = Arrays.copyOf(message, length);
            attack("end after " + length + " bytes", length == 0 ? 0 : 1, front -> {
                if (prefix.length > 0) {
                    front.socket().send(prefix, fds);
                }
            });
        }
    }

    @Test
    void takesAMessageThatComesByteByByte() throws Exception {
        attack("byte by byte", 0, front -> {
            byte[] message = FrontendSocket.message(FrontendRequest.GET_FEATURES, VERSION, new byte[0]);
            for (byte one : message) {
                front.socket().send(new byte[] {one}, List.of());
            }
            assertThat(front.socket().receive().u64()).isNotZero();
        });
    }

    @Test
    void rejectsWrongHeaders() throws Exception {
        int features = FrontendRequest.GET_FEATURES.code();
        for (int version : new int[] {0, 2, 3}) {
            rejected("version " + version, front -> send(front, features, version, 0, 0));
        }
        rejected("a reply", front -> send(front, features, 5, 0, 0));
        for (int request : new int[] {0, 19, 20, 22, 23, 26, 33, 35, 41, 63, 64, 65, 1000, -1, Integer.MIN_VALUE}) {
            rejected("request " + request, front -> send(front, request, VERSION, 0, 0));
        }
        for (int size : new int[] {1, 8, 4096, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            rejected("size " + size, front -> send(front, features, VERSION, size, 0));
        }
    }

    @Test
    void rejectsWrongSizesOfEachRequest() throws Exception {
        for (FrontendRequest request : FrontendRequest.values()) {
            if (request.minPayload() > 0) {
                rejected(
                        request + " too short",
                        front -> send(
                                front, request.code(), VERSION, request.minPayload() - 1, request.minPayload() - 1));
            }
            rejected(
                    request + " too long",
                    front -> send(front, request.code(), VERSION, request.maxPayload() + 1, request.maxPayload() + 1));
        }
    }

    @Test
    void rejectsTooManyDescriptorsOfEachRequest() throws Exception {
        try (EventFd event = EventFd.create()) {
            files = OpenFiles.count();
            for (FrontendRequest request : FrontendRequest.values()) {
                List<Fd> fds = Collections.nCopies(request.maxFds() + 1, event.fd());
                byte[] message = FrontendSocket.message(request, VERSION, new byte[request.minPayload()]);
                rejected(
                        request + " with " + fds.size(), front -> front.socket().send(message, fds));
            }
            List<Fd> most = Collections.nCopies(200, event.fd());
            byte[] message = FrontendSocket.message(FrontendRequest.GET_FEATURES, VERSION, new byte[0]);
            rejected("200 descriptors", front -> front.socket().send(message, most));
        }
        files--;
    }

    @Test
    void rejectsDescriptorsThatGatherInAMessageWithoutAnEnd() throws Exception {
        try (EventFd event = EventFd.create()) {
            files = OpenFiles.count();
            List<Fd> most = Collections.nCopies(UnixConnection.MAX_FDS, event.fd());
            rejected("descriptors with each byte", front -> {
                front.socket().send(new byte[1], most);
                front.socket().send(new byte[1], most);
            });
        }
        files--;
    }

    @Test
    void rejectsMissingDescriptors() throws Exception {
        for (FrontendRequest request : List.of(
                FrontendRequest.SET_VRING_KICK, FrontendRequest.SET_VRING_CALL, FrontendRequest.SET_VRING_ERR)) {
            rejected(request + " without", front -> front.tell(request, VhostUserFrontend.u64(0)));
        }
        rejected("SET_BACKEND_REQ_FD", front -> front.tell(FrontendRequest.SET_BACKEND_REQ_FD, new byte[0]));
        byte[] region = new Payload(MemoryTable.REGIONS + MemoryTable.REGION_BYTES)
                .u64(MemoryTable.REGIONS + MemoryTable.MEMORY_SIZE, 4096)
                .bytes();
        rejected("ADD_MEM_REG", front -> front.tell(FrontendRequest.ADD_MEM_REG, region));
        List<MemoryRegion> regions =
                ram.regions().stream().map(MemoryRegion::of).toList();
        byte[] table = VhostUserFrontend.memTable(4, regions);
        for (int count = 0; count < 4; count++) {
            Fd[] fds = regions.stream().limit(count).map(MemoryRegion::fd).toArray(Fd[]::new);
            rejected("SET_MEM_TABLE with " + count, front -> front.tell(FrontendRequest.SET_MEM_TABLE, table, fds));
        }
    }

    @Test
    void rejectsDescriptorsOfTheWrongKind() throws Exception {
        try (Fd file = Memfd.create("not-an-eventfd", 4096);
                EventFd event = EventFd.create()) {
            files = OpenFiles.count();
            for (FrontendRequest request : List.of(
                    FrontendRequest.SET_VRING_KICK, FrontendRequest.SET_VRING_CALL, FrontendRequest.SET_VRING_ERR)) {
                rejected(request + " with a file", front -> front.tell(request, VhostUserFrontend.u64(0), file));
            }
            rejected(
                    "an eventfd as memory",
                    front -> front.setMemTable(List.of(new MemoryRegion(0, 4096, 4096, 0, event.fd()))));
            rejected(
                    "an eventfd as an added region",
                    front -> front.addMemRegion(new MemoryRegion(0, 4096, 4096, 0, event.fd())));
            rejected("a file as a channel", front -> front.setBackendReqFd(file));
        }
        files -= 2;
    }

    @Test
    void rejectsImpossibleMemory() throws Exception {
        Fd file = ram.region(0).file();
        long user = 1L << 40;
        List<MemoryRegion> impossible = new ArrayList<>();
        impossible.add(new MemoryRegion(0, 0, user, 0, file));
        impossible.add(new MemoryRegion(0, -4096, user, 0, file));
        impossible.add(new MemoryRegion(-4096, 8192, user, 0, file));
        impossible.add(new MemoryRegion(Long.MAX_VALUE - 4095, 8192, user, 0, file));
        impossible.add(new MemoryRegion(0, 8192, -4096, 0, file));
        impossible.add(new MemoryRegion(0, 8192, user, -4096, file));
        impossible.add(new MemoryRegion(0, 8192, user, Long.MAX_VALUE - 4095, file));
        impossible.add(new MemoryRegion(0, 1L << 62, user, 0, file));
        impossible.add(new MemoryRegion(0, Long.MAX_VALUE, user, 0, file));
        impossible.add(new MemoryRegion(0, Long.MIN_VALUE, user, 0, file));
        for (MemoryRegion region : impossible) {
            rejected("table " + region, front -> front.setMemTable(List.of(region)));
            rejected("added " + region, front -> front.addMemRegion(region));
        }
    }

    @Test
    void answersWhatCannotBeMappedWhenItIsAsked() throws Exception {
        Fd file = ram.region(0).file();
        String name = "bads" + session++;
        try (EventFd event = EventFd.create();
                VhostUserFrontend front = rig.connect("bad")) {
            front.setProtocolFeatures(PROTOCOL | ProtocolFeature.REPLY_ACK);
            front.acknowledge(true);
            List<MemoryRegion> impossible = List.of(
                    new MemoryRegion(0, 4096, 4096, 0, event.fd()),
                    new MemoryRegion(0, 1L << 62, 4096, 0, file),
                    new MemoryRegion(0, 0, 4096, 0, file));
            for (MemoryRegion region : impossible) {
                assertThatThrownBy(() -> front.addMemRegion(region)).isInstanceOf(RefusedException.class);
                assertThatThrownBy(() -> front.setMemTable(List.of(region))).isInstanceOf(RefusedException.class);
            }
            assertThatThrownBy(() -> front.setBackendReqFd(file)).isInstanceOf(RefusedException.class);
            front.addMemRegion(MemoryRegion.of(ram.region(0)));
        }
        rig.awaitEndOfSessions("bad", session);
        assertThat(rig.log().warnings(name)).hasSize(7);
        assertThat(rig.counter("bad", "protocol_errors")).isEqualTo(7);
    }

    @Test
    void saysOfSoManyRefusalsOnly() throws Exception {
        long before = errors();
        String name = "bads" + session++;
        int refusals = Refusals.LINES + 20;
        try (VhostUserFrontend front = rig.connect("bad")) {
            front.setProtocolFeatures(PROTOCOL | ProtocolFeature.REPLY_ACK);
            front.acknowledge(true);
            // As QEMU passes on what a guest writes, whether or not the disk has a write cache.
            for (int i = 0; i < refusals; i++) {
                assertThatThrownBy(() -> front.setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[] {1}))
                        .isInstanceOf(RefusedException.class);
            }
        }
        rig.awaitEndOfSessions("bad", session);
        assertThat(rig.log().warnings(name)).hasSize(Refusals.LINES + 1);
        assertThat(errors() - before).isEqualTo(refusals);
    }

    @Test
    void rejectsOverlappingMemory() throws Exception {
        MemoryRegion one = MemoryRegion.of(ram.region(0));
        MemoryRegion two = MemoryRegion.of(ram.region(1));
        for (long shift : new long[] {0, 4096, -4096, one.size() - 1, 1 - one.size()}) {
            MemoryRegion over = new MemoryRegion(
                    one.guestAddress() + shift, one.size(), two.userAddress(), two.mmapOffset(), two.fd());
            rejected("overlap of " + shift, front -> front.setMemTable(List.of(one, over)));
        }
        MemoryRegion next = new MemoryRegion(
                one.guestAddress() + one.size(), two.size(), two.userAddress(), two.mmapOffset(), two.fd());
        attack("adjacent", 0, front -> {
            front.setMemTable(List.of(one, next));
            assertThat(front.getFeatures()).isNotZero();
        });
    }

    @Test
    void rejectsACountOfRegionsThatIsNotTrue() throws Exception {
        List<MemoryRegion> regions =
                ram.regions().stream().map(MemoryRegion::of).toList();
        Fd[] fds = regions.stream().map(MemoryRegion::fd).toArray(Fd[]::new);
        for (int count : new int[] {3, 5, 8, 9, 255, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            byte[] table = VhostUserFrontend.memTable(count, regions);
            rejected("count " + count, front -> front.tell(FrontendRequest.SET_MEM_TABLE, table, fds));
        }
    }

    @Test
    void rejectsRingsThatCannotBe() throws Exception {
        for (int size : new int[] {0, 3, 5, 127, 65_535, 65_536, 1 << 30, -1, Integer.MIN_VALUE}) {
            rejected("size " + size, front -> front.setVringNum(0, size));
        }
        for (int base : new int[] {65_536, -1, Integer.MIN_VALUE}) {
            rejected("base " + base, front -> front.setVringBase(0, base));
        }
        for (int ring : new int[] {256, 1 << 20, -1, Integer.MIN_VALUE}) {
            rejected("ring " + ring, front -> front.setVringNum(ring, 8));
            rejected("ring " + ring, front -> front.setVringBase(ring, 0));
            rejected("ring " + ring, front -> front.setVringAddr(ring, 0, 0, 0));
            rejected("ring " + ring, front -> front.setVringEnable(ring, true));
            rejected(
                    "ring " + ring,
                    front -> send(
                            front, FrontendRequest.GET_VRING_BASE.code(), VERSION, VhostUserFrontend.state(ring, 0)));
        }
        for (int on : new int[] {2, 256, -1}) {
            rejected(
                    "enable " + on,
                    front -> front.tell(FrontendRequest.SET_VRING_ENABLE, VhostUserFrontend.state(0, on)));
        }
        rejected("no payload", front -> front.tell(FrontendRequest.SET_VRING_NUM, new byte[0]));
    }

    @Test
    void closesWhatComesWithAMessageThatNeedsNone() throws Exception {
        try (EventFd event = EventFd.create()) {
            files = OpenFiles.count();
            attack("a kick that says it has none", 0, front -> {
                byte[] none = VhostUserFrontend.u64(VringFd.NO_FD);
                for (int i = 0; i < 50; i++) {
                    front.tell(FrontendRequest.SET_VRING_CALL, none, event.fd());
                }
                assertThat(front.getFeatures()).isNotZero();
            });
        }
        files--;
    }

    private static void send(VhostUserFrontend front, int request, int flags, int size, int bytes) throws IOException {
        front.socket().send(FrontendSocket.message(request, flags, size, new byte[bytes]), List.of());
    }

    private static void send(VhostUserFrontend front, int request, int flags, byte[] payload) throws IOException {
        front.socket().send(FrontendSocket.message(request, flags, payload.length, payload), List.of());
    }
}
