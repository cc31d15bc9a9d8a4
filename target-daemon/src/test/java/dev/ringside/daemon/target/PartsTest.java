package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.vhost.memory.MemoryListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartsTest {
    @Test
    void aVersionHasItsParts() {
        assertThat(Version.parse("1.22.3-rc1")).isEqualTo(new Version("1.22.3-rc1", 1, 22, 3, "-rc1"));
        assertThat(Version.parse("1.2.3").suffix()).isEmpty();
        assertThatThrownBy(() -> Version.parse("${project.version}")).hasMessageContaining("not a version");
        assertThat(Version.current().text()).isNotEmpty();
    }

    @Test
    void theTimesOfACoreAreRead() throws IOException {
        List<String> lines = List.of("cpu  10 0 20 0 0 30 0 0 0 0", "cpu1 1 2 3 4 5 6 7 8 9 10", "intr 1");
        assertThat(CoreTimes.parse(lines, 1)).isEqualTo(new CoreTimes(1, 3, 6));
        assertThatThrownBy(() -> CoreTimes.parse(lines, 0)).hasMessageContaining("core 0");
        assertThat(CoreTimes.of(RunningDaemon.core()).user()).isNotNegative();
    }

    @Test
    void reactorsAreStartedOnCoresThatThereAre() throws IOException {
        try (Reactors reactors = new Reactors()) {
            assertThatThrownBy(() ->
                            reactors.start(CpuSet.parse("[" + RunningDaemon.absentCore() + "]"), IdleMode.INTERRUPT))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("there is no core " + RunningDaemon.absentCore());
        }
    }

    @Test
    void theVhostDirectoryMustBeThere() {
        try (Controllers controllers = new Controllers()) {
            assertThatThrownBy(() ->
                            controllers.start(Path.of("/nonexistent"), List.of(), MemoryListener.NONE, Access.DEFAULT))
                    .hasMessageContaining("/nonexistent, does not exist");
            assertThatThrownBy(controllers::target).isInstanceOf(IllegalStateException.class);
        }
    }
}
