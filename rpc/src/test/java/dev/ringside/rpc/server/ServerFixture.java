package dev.ringside.rpc.server;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** A server with methods that show what it does. */
final class ServerFixture implements AutoCloseable {
    final MethodRegistry methods = new MethodRegistry(FrameworkState.RUNTIME);
    final List<String> noted = Collections.synchronizedList(new ArrayList<>());
    /** Gets a word when a call of {@code wait} begins. */
    final BlockingQueue<String> waiting = new LinkedBlockingQueue<>();
    /** Lets all calls of {@code wait} go on. */
    final CountDownLatch release = new CountDownLatch(1);

    final CountDownLatch ended = new CountDownLatch(1);
    final Path path;
    final RpcServer server;
    private final List<RawClient> clients = new ArrayList<>();

    ServerFixture(Path dir) throws IOException {
        this(dir, RpcLimits.DEFAULT);
    }

    ServerFixture(Path dir, RpcLimits limits) throws IOException {
        this(dir, limits, AllowedPeers.of(List.of()));
    }

    ServerFixture(Path dir, RpcLimits limits, AllowedPeers peers) throws IOException {
        path = dir.resolve("rpc.sock");
        register();
        server = RpcServer.listen(SocketLock.acquire(path), methods, limits, peers);
    }

    RawClient client() throws IOException {
        RawClient client = new RawClient(path);
        clients.add(client);
        return client;
    }

    private void register() {
        methods.register(
                MethodSpec.method("echo", "Returns what it gets.")
                        .optional("value", ParamType.any(), "Anything.")
                        .build(),
                p -> p.optionalJson("value").orElse(Json.string("nothing")));
        methods.register(
                MethodSpec.method("limits", "Takes numbers at their limits.")
                        .param(ParamSpec.optional("signed", ParamType.int64(), 0, "Signed."))
                        .param(ParamSpec.optional("unsigned", ParamType.uint64(), 0, "Unsigned."))
                        .build(),
                p -> Json.array().add(p.integer("signed")).add(p.bigInteger("unsigned")));
        methods.register(
                MethodSpec.method("note", "Notes a word.")
                        .required("word", ParamType.string(), "The word.")
                        .build(),
                p -> {
                    noted.add(p.string("word"));
                    return Json.done();
                });
        methods.register(
                MethodSpec.method("noted", "The words noted so far.").build(), p -> Json.string(noted.toString()));
        methods.register(
                MethodSpec.method("wait", "Waits for the test.")
                        .param(ParamSpec.optional("word", ParamType.string(), "", "Noted at the end."))
                        .concurrent()
                        .build(),
                p -> {
                    waiting.add("wait");
                    release.await();
                    noted.add(p.string("word"));
                    ended.countDown();
                    return Json.string("waited");
                });
        methods.register(
                MethodSpec.method("big", "A string.")
                        .required("size", ParamType.uint32(), "Its length.")
                        .build(),
                p -> Json.string("x".repeat(p.int32("size"))));
        methods.register(
                MethodSpec.method("fail", "Fails.")
                        .required("errno", ParamType.integer(1, 200), "With this number.")
                        .build(),
                p -> {
                    throw RpcException.errno(p.int32("errno"));
                });
        methods.register(MethodSpec.method("fault", "Is at fault.").build(), p -> {
            throw new AssertionError("on purpose");
        });
        methods.register(MethodSpec.method("vhost_fail", "Fails the vhost way.").build(), p -> {
            throw RpcException.vhost(17);
        });
        methods.register(
                MethodSpec.method("early", "For startup.").startupOnly().build(), p -> Json.done());
    }

    @Override
    public void close() throws IOException {
        release.countDown();
        for (RawClient client : clients) {
            client.close();
        }
        server.close();
    }
}
