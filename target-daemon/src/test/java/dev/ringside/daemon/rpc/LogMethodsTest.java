package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogMethodsTest {
    private static final Logger VHOST = LoggerFactory.getLogger("dev.ringside.vhost.session.Session");
    private static final Logger BDEV = LoggerFactory.getLogger("dev.ringside.bdev.BdevRegistry");

    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.waiting("");
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void levelsAreSetInAnyCaseAndReadInCapitals() throws IOException {
        assertThat(daemon.call("log_get_level").stringValue()).isEqualTo("INFO");
        assertThat(daemon.call("log_set_level", "{'level': 'debug'}").booleanValue())
                .isTrue();
        assertThat(daemon.call("log_get_level").stringValue()).isEqualTo("DEBUG");
        assertThat(daemon.call("log_set_print_level", "{'level': 'Warning'}").booleanValue())
                .isTrue();
        assertThat(daemon.call("log_get_print_level").stringValue()).isEqualTo("WARNING");
        assertThat(daemon.refusal("log_set_level", "{'level': 'LOUD'}"))
                .hasMessageContaining("one of DISABLED, ERROR, WARNING, NOTICE, INFO, DEBUG");
    }

    @Test
    void levelsDecideWhatIsPrinted() throws IOException {
        daemon.call("log_set_level", "{'level': 'DEBUG'}");
        VHOST.debug("made, not printed");
        daemon.call("log_set_print_level", "{'level': 'DEBUG'}");
        VHOST.debug("made and printed");
        daemon.call("log_set_level", "{'level': 'ERROR'}");
        VHOST.warn("not made");
        daemon.call("log_set_level", "{'level': 'DISABLED'}");
        VHOST.error("not made either");

        assertThat(daemon.log())
                .containsPattern("(?m)^\\S+ DEBUG vhost: made and printed$")
                .doesNotContain("not ");
    }

    @Test
    void theRpcFlagShowsEachCall() throws IOException {
        daemon.call("log_get_flags");
        daemon.call("log_set_flag", "{'flag': 'rpc'}");
        daemon.call("log_get_level");
        daemon.refusal("bdev_get_bdevs", "{}");

        assertThat(daemon.log())
                .contains("DEBUG rpc: method log_get_level is done")
                .doesNotContain("method log_get_flags");
    }

    @Test
    void aFlagSwitchesTheDebugMessagesOfItsComponent() throws IOException {
        assertThat(daemon.call("log_get_flags"))
                .isEqualTo(RunningDaemon.json(
                        "{'bdev': false, 'daemon': false, 'reactor': false, 'rpc': false, 'vhost': false}"));
        daemon.call("log_set_flag", "{'flag': 'vhost'}");
        assertThat(daemon.call("log_get_flags").path("vhost").booleanValue()).isTrue();
        VHOST.debug("with the flag");
        BDEV.debug("no flag here");
        daemon.call("log_clear_flag", "{'flag': 'VHOST'}");
        VHOST.debug("no flag any more");
        daemon.call("log_set_flag", "{'flag': 'all'}");
        BDEV.debug("all flags");
        daemon.call("log_clear_flag", "{'flag': 'all'}");
        BDEV.debug("no flags");

        assertThat(daemon.log())
                .contains("vhost: with the flag")
                .contains("bdev: all flags")
                .doesNotContain("no flag");
        assertThat(daemon.refusal("log_set_flag", "{'flag': 'nvmf'}"))
                .hasMessageContaining("one of bdev, daemon, reactor, rpc, vhost, all");
    }
}
