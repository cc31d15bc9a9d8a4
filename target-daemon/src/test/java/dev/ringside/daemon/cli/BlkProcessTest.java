package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.rpc.codec.Json;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The program that serves one disk, as QEMU's conventions want it. */
class BlkProcessTest {
    private DaemonProcesses processes;
    private Path dir;

    @BeforeEach
    void makeDirectory() throws Exception {
        processes = new DaemonProcesses();
        dir = processes.dir();
        Files.write(dir.resolve("disk"), new byte[1 << 20]);
    }

    @AfterEach
    void killAndClear() throws Exception {
        processes.killAndClear();
    }

    @Test
    void itTellsWhatItCanDo() throws Exception {
        Process program = blk("--print-capabilities");
        JsonNode told = Json.parse(new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertThat(told.at("/type").asString()).isEqualTo("block");
        assertThat(told.at("/features").toString()).isEqualTo("[\"read-only\",\"blk-file\"]");
        assertThat(DaemonProcesses.status(program)).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itServesOneFileUntilItIsToldToStop(boolean readOnly) throws Exception {
        Path socket = dir.resolve("s");
        Process program = readOnly
                ? blk("--socket-path=" + socket, "--blk-file=" + dir.resolve("disk"), "--read-only")
                : blk("--socket-path=" + socket, "--blk-file=" + dir.resolve("disk"));
        DaemonProcesses.ready(program);
        try (GuestRam ram = GuestRam.ofMiB(16);
                BlkFrontend guest = BlkFrontend.connect(socket, ram, BlkOptions.of(1, 64))) {
            assertThat(guest.sectors()).isEqualTo(2048);
            byte[] data = "what the guest wrote".repeat(512).substring(0, 4096).getBytes(StandardCharsets.US_ASCII);
            assertThat(guest.queue(0).write(8, data).status()).isEqualTo(readOnly ? 1 : 0);
            assertThat(guest.queue(0).read(8, data.length).data()).isEqualTo(readOnly ? new byte[4096] : data);
        }
        program.destroy();
        assertThat(DaemonProcesses.status(program)).isZero();
        assertThat(socket).doesNotExist();
    }

    @Test
    void libvirtIsToldTheSame() throws Exception {
        JsonNode description = Json.parse(Files.readString(Path.of("..", "packaging", "50-ringside-blk.json")));
        assertThat(description.propertyNames()).containsExactlyInAnyOrder("description", "type", "binary");
        JsonNode told = Json.parse(
                new String(blk("--print-capabilities").getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertThat(description.path("type")).isEqualTo(told.path("type"));
    }

    @Test
    void aSocketThatItHasInheritedIsServedAgainAndAgain() throws Exception {
        Path socket = dir.resolve("s");
        Process program = inheriting(socket, false);
        DaemonProcesses.ready(program);
        for (int time = 0; time < 2; time++) {
            use(socket);
        }
        program.destroy();
        assertThat(DaemonProcesses.status(program)).isZero();
    }

    @Test
    void aConnectionThatItHasInheritedIsServedToItsEnd() throws Exception {
        Path socket = dir.resolve("s");
        Process program = inheriting(socket, true);
        use(socket);
        DaemonProcesses.ready(program);
        assertThat(DaemonProcesses.status(program)).isZero();
    }

    @Test
    void whatIsWrongIsOneLine() throws Exception {
        assertThat(failure(2, "--socket-path=" + dir.resolve("s"))).isEqualTo("ringside: --blk-file is needed");
        assertThat(failure(2, "--blk-file=x")).isEqualTo("ringside: one of --socket-path and --fd is needed");
        assertThat(failure(1, "--socket-path=" + dir.resolve("s"), "--blk-file=" + dir.resolve("absent")))
                .startsWith("ringside: cannot start: ");
        assertThat(failure(1, "--fd=123", "--blk-file=" + dir.resolve("disk"))).startsWith("ringside: cannot start: ");
    }

    /** The program with a socket that listens, or with the first connection to it; it listens when this returns. */
    private Process inheriting(Path socket, boolean connected) throws Exception {
        Process program = processes.startInheriting(
                socket,
                connected,
                List.of("blk", "--fd=" + DaemonProcesses.INHERITED, "--blk-file=" + dir.resolve("disk")));
        assertThat(program.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("bound");
        return program;
    }

    private static void use(Path socket) throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(16);
                BlkFrontend guest = BlkFrontend.connect(socket, ram, BlkOptions.of(1, 64))) {
            assertThat(guest.sectors()).isEqualTo(2048);
            assertThat(guest.queue(0).read(8, 4096).data()).isEqualTo(new byte[4096]);
        }
    }

    private String failure(int status, String... args) throws Exception {
        Process program = blk(args);
        List<String> lines = program.errorReader().lines().toList();
        assertThat(DaemonProcesses.status(program)).isEqualTo(status);
        return lines.getFirst();
    }

    private Process blk(String... args) throws Exception {
        List<String> words = new ArrayList<>(List.of("blk"));
        words.addAll(List.of(args));
        return processes.start(null, words);
    }
}
