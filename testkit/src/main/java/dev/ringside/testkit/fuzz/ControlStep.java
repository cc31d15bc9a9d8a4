package dev.ringside.testkit.fuzz;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.LogDescription;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What an attack says to a back end whose rings run: a message, or a few. A new message gets an entry in the table.
 *
 * @param chances how often it is drawn, compared to the others
 */
record ControlStep(String name, int chances, Action action) {
    /** After these a back end goes on where it was. */
    private static final List<ControlStep> HARMLESS = List.of(
            step("enable", 8, s -> s.enable(s.anyRing(), s.dice.below(2))),
            step("enable all", 4, s -> {
                for (int i = 0; i < s.rings.length; i++) {
                    s.enable(i, 1);
                }
            }),
            step("kick", 4, s -> s.eventFd(FrontendRequest.SET_VRING_KICK, s.anyRing(), s.dice.coin())),
            step("call", 4, s -> s.eventFd(FrontendRequest.SET_VRING_CALL, s.anyRing(), s.dice.coin())),
            step("err", 3, s -> s.eventFd(FrontendRequest.SET_VRING_ERR, s.anyRing(), s.dice.coin())),
            step("address", 4, s -> s.address(s.anyRing())),
            step("stop all and go on", 2, s -> {
                List<Integer> order = new ArrayList<>();
                for (int i = 0; i < s.rings.length; i++) {
                    order.add(i);
                }
                Collections.shuffle(order, new Random(s.dice.any()));
                for (int i : order) {
                    s.startRing(i, s.stopRing(i));
                }
            }),
            step("memory again", 4, AttackSession::tellMemory),
            step("add region", 4, s -> {
                MemoryRegion region = s.memory.extra(s.dice, s.dice.below(8));
                s.send(FrontendRequest.ADD_MEM_REG, AttackSession.region(region), region.fd());
            }),
            step("remove region", 4, s -> {
                List<MemoryRegion> all = s.memory.regions(s.dice);
                MemoryRegion region = s.dice.oneIn(4) && !all.isEmpty()
                        ? all.get(s.dice.below(all.size()))
                        : s.memory.extra(s.dice, s.dice.below(8));
                s.send(FrontendRequest.REM_MEM_REG, AttackSession.region(region));
            }),
            step("features", 4, s -> s.features(s.plan.refused() & ~(s.dice.coin() ? VirtioFeature.LOG_ALL : 0))),
            step("log", 5, s -> {
                long bytes = 4L * (1 + s.dice.below(16_384));
                long size = bytes + (s.dice.coin() ? 4096 : 0);
                try (Fd file =
                        s.dice.oneIn(6) ? Memfd.create("fuzz-log", size) : Memfd.createSealable("fuzz-log", size)) {
                    Payload payload = new Payload(s.dice.oneIn(16) ? 8 : LogDescription.BYTES)
                            .u64(LogDescription.MMAP_SIZE, s.dice.bent(bytes));
                    byte[] description = payload.bytes();
                    if (description.length == LogDescription.BYTES) {
                        description = payload.u64(LogDescription.MMAP_OFFSET, s.dice.bent(s.dice.oneIn(4) ? 4L : 0L))
                                .bytes();
                    }
                    s.send(FrontendRequest.SET_LOG_BASE, description, file);
                    s.features(s.plan.refused() & ~VirtioFeature.LOG_ALL);
                }
            }),
            step("log fd", 1, s -> s.send(FrontendRequest.SET_LOG_FD, new byte[s.dice.coin() ? 0 : 8], s.event.fd())),
            step("get config", 4, s -> {
                int size = s.dice.below(64);
                s.send(
                        FrontendRequest.GET_CONFIG,
                        VhostUserFrontend.config(
                                s.dice.coin() ? 0 : s.dice.below(260),
                                s.dice.bent(size),
                                0,
                                new byte[Math.max(1, size)]));
            }),
            step("set config", 3, s -> {
                byte[] value = s.dice.coin() ? new byte[] {(byte) s.dice.below(3)} : s.dice.bytes(1 + s.dice.below(64));
                int offset = s.dice.coin() ? 32 : s.dice.below(260);
                s.send(
                        FrontendRequest.SET_CONFIG,
                        VhostUserFrontend.config(offset, s.dice.bent(value.length), s.dice.below(2), value));
            }),
            step("queries", 2, s -> {
                s.send(FrontendRequest.GET_QUEUE_NUM);
                s.send(FrontendRequest.GET_MAX_MEM_SLOTS);
            }),
            step("backend requests", 3, s -> {
                UnixConnection[] ends = UnixConnection.pair();
                try (UnixConnection given = ends[0];
                        UnixConnection kept = ends[1]) {
                    Fd fd = s.dice.wrong() ? s.event.fd() : given.fd();
                    s.send(FrontendRequest.SET_BACKEND_REQ_FD, new byte[s.dice.coin() ? 0 : 8], fd);
                    if (s.dice.coin()) {
                        s.sync();
                        s.operator.run();
                    }
                    if (s.dice.coin()) {
                        kept.shutdown();
                    }
                }
            }),
            step("operator", 2, s -> s.operator.run()));

    /** After these it may not, or take a request twice. */
    private static final List<ControlStep> WILD = List.of(
            step("stop", 3, s -> s.stopRing(s.anyRing())),
            step("many regions", 1, s -> {
                if (!s.dice.oneIn(10)) {
                    return;
                }
                for (int i = 0; i < 515; i++) {
                    MemoryRegion region = s.memory.extra(s.dice, i);
                    s.send(FrontendRequest.ADD_MEM_REG, AttackSession.region(region), region.fd());
                    if (i % 32 == 0) {
                        s.sync();
                    }
                }
            }),
            step("protocol features", 2, s -> {
                s.send(FrontendRequest.GET_PROTOCOL_FEATURES);
                s.send(FrontendRequest.SET_PROTOCOL_FEATURES, AttackSession.u64(s.dice.any()));
            }),
            step("status", 1, s -> {
                s.send(FrontendRequest.SET_STATUS, AttackSession.u64(s.dice.below(256)));
                s.send(FrontendRequest.GET_STATUS);
            }),
            step("reset", 1, s -> s.send(s.dice.coin() ? FrontendRequest.RESET_DEVICE : FrontendRequest.RESET_OWNER)),
            step("inflight", 3, s -> {
                s.send(FrontendRequest.GET_INFLIGHT_FD, InflightFile.wanted(s.dice, s.rings.length, s.rings[0].size));
                s.sendInflight();
            }),
            step(
                    "number",
                    2,
                    s -> s.state(
                            FrontendRequest.SET_VRING_NUM, s.anyRing(), s.dice.pick(0, 1, 3, 256, 32_768, 32_769, -1))),
            step(
                    "base",
                    2,
                    s -> s.state(
                            FrontendRequest.SET_VRING_BASE,
                            s.anyRing(),
                            s.dice.coin() ? (int) s.dice.edge() : s.dice.below(8))),
            step("any payload", 4, s -> {
                FrontendRequest request = s.dice.wrong() ? FrontendRequest.SET_OWNER : anyRequest(s.dice);
                int size = request.minPayload() + s.dice.below(request.maxPayload() - request.minPayload() + 1);
                byte[] payload = s.dice.bytes(size);
                for (int i = 0; i < size; i++) {
                    payload[i] = s.dice.coin() ? 0 : payload[i];
                }
                Fd[] fds = new Fd[s.dice.below(request.maxFds() + 1)];
                Arrays.setAll(
                        fds,
                        i -> s.dice.coin()
                                ? s.event.fd()
                                : s.memory.ram().region(0).file());
                s.send(request, payload, fds);
            }));

    private static final List<ControlStep> ALL =
            Stream.concat(HARMLESS.stream(), WILD.stream()).toList();

    /** What a step does. */
    interface Action {
        /** Does it. */
        void on(AttackSession session) throws IOException;
    }

    private static ControlStep step(String name, int chances, Action action) {
        return new ControlStep(name, chances, action);
    }

    void on(AttackSession session) throws IOException {
        action.on(session);
    }

    /** Draws one. */
    static ControlStep draw(Dice dice, boolean careful) {
        List<ControlStep> steps = careful ? HARMLESS : ALL;
        int at = dice.below(steps.stream().mapToInt(ControlStep::chances).sum());
        for (ControlStep step : steps) {
            at -= step.chances;
            if (at < 0) {
                return step;
            }
        }
        throw new AssertionError("the chances are counted");
    }

    /** Any but the one by which a conversation finds its place. */
    private static FrontendRequest anyRequest(Dice dice) {
        FrontendRequest[] all = FrontendRequest.values();
        FrontendRequest drawn = all[dice.below(all.length)];
        return drawn == FrontendRequest.GET_FEATURES ? FrontendRequest.SET_OWNER : drawn;
    }

    /** Ends a session by bytes that are no message: a header that lies, a message in parts, more descriptors than belong. */
    static void breakProtocol(AttackSession s) throws IOException {
        Dice dice = s.dice;
        FrontendRequest request = anyRequest(dice);
        byte[] payload = new byte[request.minPayload()];
        byte[] good = FrontendSocket.message(request, MessageHeader.VERSION, payload);
        switch (dice.below(7)) {
            case 0 -> s.raw(Arrays.copyOf(good, 1 + dice.below(good.length)), List.of());
            case 1 -> {
                List<Fd> fds = dice.coin() ? List.of() : Collections.nCopies(UnixConnection.MAX_FDS, s.event.fd());
                for (byte one : good) {
                    s.raw(new byte[] {one}, fds);
                }
            }
            case 2 -> s.raw(FrontendSocket.message(request, (int) dice.any() & 0xf, payload), List.of());
            case 3 ->
                s.raw(
                        FrontendSocket.message(
                                dice.coin() ? dice.below(70) : (int) dice.edge(), 1, payload.length, payload),
                        List.of());
            case 4 -> s.raw(FrontendSocket.message(request.code(), 1, (int) dice.edge(), payload), List.of());
            case 5 -> {
                List<Fd> fds = Collections.nCopies(dice.pick(2, 9, 253), s.event.fd());
                s.raw(good, fds);
                s.raw(good, fds);
            }
            default -> s.raw(dice.bytes(1 + dice.below(300)), List.of(s.event.fd()));
        }
    }
}
