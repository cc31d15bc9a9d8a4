package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manual pages have what the help has, in a form that roff takes. */
class ManualPageTest {
    @TempDir
    private Path dir;

    @Test
    void everyCommandHasAPageThatRoffTakes() throws Exception {
        assertThat(Main.commandLine().execute("manual", dir.toString())).isZero();

        for (String command : Main.commandLine().getSubcommands().keySet()) {
            Path page = dir.resolve("ringside-" + command + ".1");
            assertThat(page)
                    .content()
                    .startsWith(".TH RINGSIDE-" + command.toUpperCase(Locale.ROOT))
                    .contains(".SH NAME\n", ".SH SYNOPSIS\n", ".SH EXIT STATUS\n");
        }
        assertThat(dir.resolve("ringside-serve.1")).content().contains("\\fB\\-\\-state\\fR=\\fIDIR\\fR");
        assertThat(dir.resolve("ringside-rpc.1"))
                .content()
                .contains("bdev_malloc_create [OPTIONS] total_size block_size");
        assertThat(complaints(dir.resolve("ringside-rpc.1"))).isEmpty();
        assertThat(complaints(dir.resolve("ringside-serve.1"))).isEmpty();
    }

    private static List<String> complaints(Path page) throws Exception {
        Process groff = new ProcessBuilder("groff", "-man", "-Tutf8", "-ww", "-z", page.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(groff.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return said.lines().toList();
    }
}
