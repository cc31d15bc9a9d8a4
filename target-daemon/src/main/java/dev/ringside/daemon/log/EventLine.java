package dev.ringside.daemon.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** An event as one line: time, level, component, message, and the stack where there is one. */
final class EventLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    private static final int FRAMES = 12;

    private EventLine() {}

    static String of(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(ZoneId.systemDefault()), line);
        String level = event.getLevel().toString();
        line.append(' ').append(level).repeat(" ", 6 - level.length());
        line.append(component(event.getLoggerName())).append(": ").append(event.getFormattedMessage());
        for (IThrowableProxy cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
            append(line, cause);
        }
        return oneLine(line);
    }

    /** The component that a logger belongs to; the logger's own name for somebody else's. */
    static String component(String logger) {
        return Component.of(logger).map(Component::toString).orElse(logger);
    }

    private static void append(StringBuilder line, IThrowableProxy thrown) {
        line.append(" | ").append(thrown.getClassName()).append(": ").append(thrown.getMessage());
        StackTraceElementProxy @Nullable [] frames = thrown.getStackTraceElementProxyArray();
        if (frames == null) {
            return;
        }
        for (int i = 0; i < frames.length && i < FRAMES; i++) {
            line.append(" at ").append(frames[i].getStackTraceElement());
        }
    }

    /** What a guest or a client has put into a message must not look like another message. */
    private static String oneLine(StringBuilder line) {
        for (int i = 0; i < line.length(); i++) {
            if (Character.isISOControl(line.charAt(i))) {
                line.setCharAt(i, ' ');
            }
        }
        return line.append('\n').toString();
    }
}
