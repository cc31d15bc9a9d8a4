package dev.ringside.daemon.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes each event that is to be printed as one line. */
final class LineAppender extends AppenderBase<ILoggingEvent> {
    private volatile Level threshold = Level.INFO;
    private volatile Set<Component> flagged = Set.of();
    private @Nullable PrintStream stream;

    LineAppender() {
        setName("stderr");
    }

    void setStream(PrintStream stream) {
        this.stream = stream;
    }

    /** What is printed from now on: from the threshold on, and all of the flagged components. */
    void print(Level from, Set<Component> components) {
        threshold = from;
        flagged = components;
    }

    @Override
    protected void append(ILoggingEvent event) {
        PrintStream target = stream;
        boolean wanted = event.getLevel().isGreaterOrEqual(threshold)
                || Component.of(event.getLoggerName()).filter(flagged::contains).isPresent();
        if (target == null || !wanted) {
            return;
        }
        byte[] line = EventLine.of(event).getBytes(StandardCharsets.UTF_8);
        target.write(line, 0, line.length);
        target.flush();
    }
}
