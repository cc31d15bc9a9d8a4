package dev.ringside.daemon.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventLineTest {
    @Test
    void hasTimeLevelComponentAndMessage() {
        assertThat(line("dev.ringside.vhost.session.Session", "guest said {}", null, "hello"))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) WARN  vhost: guest said hello\n");
    }

    @Test
    void isOneLineWhateverIsInIt() {
        String line = line(
                "org.example.Other",
                "a\nb\r\u001b[31m{}",
                new IOException("outer\nouter", new IllegalStateException("inner")),
                "\u0085");

        assertThat(line.strip().lines()).hasSize(1);
        assertThat(line)
                .contains("org.example.Other: a b  [31m")
                .contains(" | java.io.IOException: outer outer at ")
                .contains(" | java.lang.IllegalStateException: inner at ")
                .endsWith("\n");
    }

    private static String line(String logger, String message, @Nullable Throwable thrown, Object... arguments) {
        LoggerContext context = new LoggerContext();
        return EventLine.of(new LoggingEvent(
                EventLineTest.class.getName(), context.getLogger(logger), Level.WARN, message, thrown, arguments));
    }
}
