package dev.ringside.daemon.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayDeque;
import java.util.List;

/** Keeps the last messages of level INFO and above. Any thread. */
final class RecentLines extends AppenderBase<ILoggingEvent> {
    private static final int MOST = 64;
    /** Guarded by its monitor; oldest first. */
    private final ArrayDeque<LogLine> lines = new ArrayDeque<>(MOST);

    RecentLines() {
        setName("recent");
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
            return;
        }
        LogLine line = new LogLine(
                event.getInstant(),
                event.getLevel().toString(),
                EventLine.component(event.getLoggerName()),
                event.getFormattedMessage());
        synchronized (lines) {
            if (lines.size() == MOST) {
                lines.remove();
            }
            lines.add(line);
        }
    }

    /** Oldest first. */
    List<LogLine> list() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }
}
