package dev.ringside.qemu;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * The archive, unpacked in a folder of its own, with its daemon and its client as an operator uses them: there is no Java
 * in their PATH, nor anything else that the launcher does not need.
 */
final class Installation {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TOOLS =
            "for tool in bash sh env dirname readlink; do ln -s $(command -v $tool) $0/; done";

    private final TestBed bed;
    private final List<String> program;
    private final Path vhostFolder;
    private final Path rpcSocket;
    private int starts;

    Installation(TestBed bed) throws IOException {
        this.bed = bed;
        Path home = bed.folder("archive");
        Scripts.run(List.of("tar", "-C", home.toString(), "--strip-components=1", "-xzf", archive()), PATIENCE);
        Path tools = bed.folder("tools");
        Scripts.run(List.of("bash", "-c", TOOLS, tools.toString()), PATIENCE);
        program = List.of(
                "env", "-i", "PATH=" + tools, home.resolve("bin/ringside").toString());
        vhostFolder = Files.createDirectory(bed.socket("vhost"));
        rpcSocket = bed.socket("rpc.sock");
    }

    private static String archive() throws IOException {
        Path folder = Scripts.ROOT.resolve("dist/target");
        try (DirectoryStream<Path> archives = Files.newDirectoryStream(folder, "ringside-*-linux-x64.tar.gz")) {
            for (Path archive : archives) {
                return archive.toString();
            }
        }
        throw new IllegalStateException("there is no archive in " + folder + ": scripts/build.sh makes it");
    }

    /** Starts the daemon with one reactor, and waits until it is ready. */
    Process serve(String... options) {
        List<String> command = command("serve", "--cpumask", "0x1");
        command.addAll(List.of("--vhost-dir", vhostFolder.toString(), "--rpc-socket", rpcSocket.toString()));
        command.addAll(List.of(options));
        Process daemon = bed.launch(bed.log("ringside-" + ++starts + ".log"), command, Map.of(), true);
        RingsideDaemon.awaitReady(daemon);
        return daemon;
    }

    /** Ends a daemon and returns its exit status. */
    static int stop(Process daemon) throws InterruptedException {
        daemon.destroy();
        if (!daemon.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the daemon has not ended after " + PATIENCE);
        }
        return daemon.exitValue();
    }

    Path socketOf(String controller) {
        return vhostFolder.resolve(controller);
    }

    /** What a command for the daemon prints; it has to end with status 0. */
    String run(String name, String... words) {
        List<String> command = command(name, "-s", rpcSocket.toString());
        command.addAll(List.of(words));
        return Scripts.run(command, PATIENCE);
    }

    /** {@code ringside rpc}: what it prints. */
    String rpc(String... words) {
        return run("rpc", words);
    }

    /** {@code ringside rpc --json}: what the daemon answers. */
    JsonNode json(String... words) {
        List<String> more = new ArrayList<>(List.of("--json"));
        more.addAll(List.of(words));
        return JsonSocket.JSON.readTree(rpc(more.toArray(String[]::new)));
    }

    private List<String> command(String... words) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(words));
        return command;
    }
}
