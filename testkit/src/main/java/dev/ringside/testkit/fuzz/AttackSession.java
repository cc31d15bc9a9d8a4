package dev.ringside.testkit.fuzz;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.Reply;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MemoryTable;
import dev.ringside.vhost.wire.MessageHeader;
import dev.ringside.vhost.wire.ProtocolFeature;
import dev.ringside.vhost.wire.VringAddress;
import dev.ringside.vhost.wire.VringFd;
import dev.ringside.vhost.wire.VringState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A front end that misbehaves: what it has, and the messages that set it up. What it does with them: {@link Attacker}. */
final class AttackSession implements AutoCloseable {
    final Dice dice;
    final Plan plan;
    final AttackMemory memory = new AttackMemory();
    final EventFd event = EventFd.create();
    final AttackRing[] rings;
    /** Runs what an operator may do meanwhile. */
    final Runnable operator;

    private final Attacked attacked;
    private Conversation conversation;
    private @Nullable InflightFile inflight;
    private int earlierRefusals;

    AttackSession(Attacked attacked, Dice dice, Runnable operator) throws IOException {
        this.attacked = attacked;
        this.dice = dice;
        this.operator = operator;
        this.plan = Plan.draw(dice, attacked.device().fewestRings());
        this.rings = new AttackRing[plan.sizes().size()];
        Arrays.setAll(rings, this::ring);
        try {
            this.conversation = new Conversation(attacked.socket());
        } catch (IOException e) {
            event.close();
            memory.close();
            throw e;
        }
    }

    private AttackRing ring(int index) {
        boolean indirect = (plan.refused() & VirtioFeature.RING_INDIRECT_DESC) == 0;
        int size = plan.sizes().get(index);
        Requests requests = attacked.device().requests(index, memory, dice, plan.careful());
        AttackRing ring = switch (plan.format()) {
            case SPLIT -> new SplitAttack(memory, dice, size, indirect, requests);
            case PACKED -> new PackedAttack(memory, dice, size, indirect, requests);
        };
        ring.reset();
        return ring;
    }

    /** The messages up to rings that run. */
    void start() throws IOException {
        negotiate();
        trackInflight();
        if (plan.shuffled() && dice.coin()) {
            startRings();
            tellMemory();
        } else {
            tellMemory();
            startRings();
        }
        sync();
    }

    private void negotiate() throws IOException {
        conversation.sync();
        if ((plan.refused() & VirtioFeature.PROTOCOL_FEATURES) == 0) {
            send(FrontendRequest.GET_PROTOCOL_FEATURES);
            long offered = Conversation.of(conversation.sync(), FrontendRequest.GET_PROTOCOL_FEATURES)
                    .map(Reply::u64)
                    .orElse(0L);
            send(FrontendRequest.SET_PROTOCOL_FEATURES, u64(dice.bent(offered & ~plan.refusedProtocol())));
            send(FrontendRequest.SET_OWNER);
        }
        features(plan.refused());
    }

    /** SET_FEATURES: what is offered, but for some. */
    void features(long refused) throws IOException {
        send(FrontendRequest.SET_FEATURES, u64(dice.bent(conversation.offered() & ~refused)));
    }

    private int largest() {
        return Collections.max(plan.sizes());
    }

    private void trackInflight() throws IOException {
        if (inflight != null) {
            sendInflight(inflight);
            return;
        }
        switch (plan.tracking()) {
            case NONE -> {}
            case FRESH -> {
                send(FrontendRequest.GET_INFLIGHT_FD, InflightFile.wanted(dice, rings.length, largest()));
                List<Fd> fds = new ArrayList<>();
                conversation.sync().forEach(reply -> fds.addAll(reply.fds()));
                // Asked for with other numbers, it may be shorter than it should be.
                if (fds.size() == 1 && !dice.bends()) {
                    use(new InflightFile(fds.removeFirst(), plan.format(), rings.length, largest()));
                }
                fds.forEach(Fd::close);
            }
            case CRAFTED, GARBAGE -> {
                InflightFile file = InflightFile.create(plan.format(), rings.length, largest());
                for (int i = 0; i < rings.length; i++) {
                    InflightCraft craft = new InflightCraft(file.of(i), dice, rings[i].size);
                    if (plan.tracking() == Plan.Tracking.CRAFTED) {
                        craft.craft(rings[i]);
                    } else {
                        craft.garbage();
                    }
                }
                use(file);
            }
        }
    }

    private void use(InflightFile file) throws IOException {
        inflight = file;
        sendInflight(file);
    }

    /** SET_INFLIGHT_FD, if there is a region. */
    void sendInflight() throws IOException {
        if (inflight != null) {
            sendInflight(inflight);
        }
    }

    private void sendInflight(InflightFile file) throws IOException {
        send(FrontendRequest.SET_INFLIGHT_FD, file.description(dice), file.file());
    }

    /** The region of requests in flight of a ring; null where there is none, or none that can be touched. */
    @Nullable
    InflightCraft inflightOf(int ring) {
        return inflight == null || !inflight.whole()
                ? null
                : new InflightCraft(inflight.of(ring), dice, rings[ring].size);
    }

    /** Takes the region of requests in flight away. */
    void truncateInflight() throws IOException {
        if (inflight != null) {
            inflight.truncate();
        }
    }

    /** Tells of all memory, in the way of the plan. */
    void tellMemory() throws IOException {
        List<MemoryRegion> regions = memory.regions(dice);
        if (plan.slots()) {
            for (MemoryRegion region : regions) {
                send(FrontendRequest.ADD_MEM_REG, region(region), region.fd());
            }
        } else {
            send(
                    FrontendRequest.SET_MEM_TABLE,
                    VhostUserFrontend.memTable(dice.bent(regions.size()), regions),
                    regions.stream().map(MemoryRegion::fd).toArray(Fd[]::new));
        }
    }

    private void startRings() throws IOException {
        for (int i = 0; i < rings.length; i++) {
            startRing(i, rings[i].base());
        }
        for (int i = 0; i < rings.length; i++) {
            enable(i, 1);
        }
    }

    /** One of the messages that set up a ring. */
    private interface Message {
        void send() throws IOException;
    }

    /** The messages that start a ring somewhere. */
    void startRing(int ring, int base) throws IOException {
        List<Message> messages = new ArrayList<>(List.of(
                () -> state(FrontendRequest.SET_VRING_NUM, ring, rings[ring].size),
                () -> state(FrontendRequest.SET_VRING_BASE, ring, base),
                () -> address(ring),
                () -> eventFd(FrontendRequest.SET_VRING_KICK, ring, plan.kicked()),
                () -> eventFd(FrontendRequest.SET_VRING_CALL, ring, true),
                () -> eventFd(FrontendRequest.SET_VRING_ERR, ring, dice.coin())));
        if (plan.shuffled()) {
            Collections.shuffle(messages, new Random(dice.any()));
        }
        for (Message message : messages) {
            message.send();
        }
    }

    /** SET_VRING_ADDR of where a ring is. */
    void address(int ring) throws IOException {
        RingMemory at = rings[ring].ring();
        Payload payload = new Payload(VringAddress.BYTES)
                .u32(VringAddress.INDEX, dice.bent(ring))
                .u32(VringAddress.FLAGS, dice.oneIn(4) ? VringAddress.F_LOG : 0)
                .u64(VringAddress.DESCRIPTOR, dice.bent(user(at.descriptorArea())))
                .u64(VringAddress.USED, dice.bent(user(at.deviceArea())))
                .u64(VringAddress.AVAILABLE, dice.bent(user(at.driverArea())))
                .u64(VringAddress.LOG, dice.oneIn(8) ? dice.edge() : at.deviceArea());
        send(FrontendRequest.SET_VRING_ADDR, payload.bytes());
    }

    private long user(long address) {
        return memory.ram().userAddress(address);
    }

    /** SET_VRING_ENABLE. */
    void enable(int ring, int on) throws IOException {
        state(FrontendRequest.SET_VRING_ENABLE, ring, on);
    }

    /** A message with the number of a ring and another one. */
    void state(FrontendRequest request, int ring, int number) throws IOException {
        send(request, VhostUserFrontend.state(dice.bent(ring), dice.bent(number)));
    }

    /** A message with the number of a ring and an eventfd, or without one. */
    void eventFd(FrontendRequest request, int ring, boolean with) throws IOException {
        long number = dice.bent(ring | (with ? 0 : VringFd.NO_FD));
        if (with && !dice.wrong()) {
            send(request, u64(number), dice.wrong() ? memory.ram().region(0).file() : event.fd());
        } else {
            send(request, u64(number));
        }
    }

    /** Stops a ring, and returns where; 0 if that was not answered. */
    int stopRing(int ring) throws IOException {
        boolean suspends = (plan.refusedProtocol() & ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN) == 0 && dice.coin();
        FrontendRequest request = suspends ? FrontendRequest.GET_VRING_BASE_SKIP_DRAIN : FrontendRequest.GET_VRING_BASE;
        send(request, VhostUserFrontend.state(dice.bent(ring), 0));
        return Conversation.of(sync(), request)
                .filter(reply -> reply.payload().limit() == VringState.BYTES)
                .map(reply -> reply.payload().getInt(VringState.NUM))
                .orElse(0);
    }

    /** Forgets the connection, and goes on with the same rings over another one. */
    void reconnect() throws IOException {
        earlierRefusals += conversation.refused();
        conversation.close();
        conversation = new Conversation(attacked.socket());
        start();
    }

    /** One of the rings that requests are offered on, most often one that can have many. */
    int ringToLoad() {
        int others = attacked.device().fewestRings() - 1;
        return dice.oneIn(4) ? anyRing() : others + dice.below(rings.length - others);
    }

    /** What to offer on a ring; now and then what belongs on another one. */
    Requests requestsFor(int ring) {
        return rings[dice.wrong() ? anyRing() : ring].requests;
    }

    /** Any of the rings. */
    int anyRing() {
        return dice.below(rings.length);
    }

    /** The payload of ADD_MEM_REG and REM_MEM_REG. */
    static byte[] region(MemoryRegion region) {
        return new Payload(MemoryTable.REGIONS + MemoryTable.REGION_BYTES)
                .u64(MemoryTable.REGIONS + MemoryTable.GUEST_ADDRESS, region.guestAddress())
                .u64(MemoryTable.REGIONS + MemoryTable.MEMORY_SIZE, region.size())
                .u64(MemoryTable.REGIONS + MemoryTable.USER_ADDRESS, region.userAddress())
                .u64(MemoryTable.REGIONS + MemoryTable.MMAP_OFFSET, region.mmapOffset())
                .bytes();
    }

    /** The payload that is one 64-bit number. */
    static byte[] u64(long value) {
        return VhostUserFrontend.u64(value);
    }

    /** Sends a message without a payload. */
    void send(FrontendRequest request) throws IOException {
        send(request, new byte[0]);
    }

    /** Sends a message, and asks for an acknowledgement where the plan has it. */
    void send(FrontendRequest request, byte[] payload, Fd... fds) throws IOException {
        boolean query = request.name().startsWith("GET_");
        int flags = MessageHeader.VERSION | (plan.acknowledged() && !query ? MessageHeader.NEED_REPLY : 0);
        conversation.send(request, flags, payload, fds);
    }

    /** Sends bytes. */
    void raw(byte[] bytes, List<Fd> fds) throws IOException {
        conversation.raw(bytes, fds);
    }

    /** Waits until all messages have been dealt with, and returns the replies; their descriptors are closed. */
    List<Reply> sync() throws IOException {
        List<Reply> replies = conversation.sync();
        replies.forEach(reply -> reply.fds().forEach(Fd::close));
        return replies;
    }

    /** How many requests were refused with an answer. */
    int refused() {
        return earlierRefusals + conversation.refused();
    }

    /** What has been written that nobody may write; empty if all is as it should be. */
    String damage() {
        return memory.damage(!dice.bends());
    }

    @Override
    public void close() {
        conversation.close();
        if (inflight != null) {
            inflight.close();
        }
        event.close();
        memory.close();
    }
}
