package dev.ringside.daemon.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.PrintStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * What is logged, and what of it is printed. There are two thresholds, as SPDK has them: the <em>level</em> from which
 * on messages are made at all, and the <em>print level</em> from which on they go to stderr. Both are the same until a
 * client sets them apart. A component whose flag is set makes and prints its debug messages whatever the two say. Any
 * thread.
 */
public final class Logging {
    private final Set<Component> flags = EnumSet.noneOf(Component.class);
    private final LineAppender appender = new LineAppender();
    private final RecentLines recent = new RecentLines();
    private LogLevel level = LogLevel.INFO;
    private LogLevel printLevel = LogLevel.INFO;

    /** Makes one that has not taken effect. */
    public Logging() {}

    /** Takes the process's logging over: from now on it goes to the stream, and only there. */
    public synchronized void install(LogLevel initial, PrintStream stream) {
        LoggerContext context = context();
        context.reset();
        appender.setContext(context);
        appender.setStream(stream);
        appender.start();
        recent.setContext(context);
        recent.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(recent);
        level = initial;
        printLevel = initial;
        apply();
    }

    /** The last messages, oldest first. */
    public List<LogLine> recent() {
        return recent.list();
    }

    /** From which level on messages are made. */
    public synchronized LogLevel level() {
        return level;
    }

    /** Sets from which level on messages are made. */
    public synchronized void setLevel(LogLevel level) {
        this.level = level;
        apply();
    }

    /** From which level on messages are printed. */
    public synchronized LogLevel printLevel() {
        return printLevel;
    }

    /** Sets from which level on messages are printed. */
    public synchronized void setPrintLevel(LogLevel printLevel) {
        this.printLevel = printLevel;
        apply();
    }

    /** The components whose debug messages are switched on. */
    public synchronized Set<Component> flags() {
        return Set.copyOf(flags);
    }

    /** Switches a component's debug messages on or off. */
    public synchronized void setFlag(Component component, boolean on) {
        if (on) {
            flags.add(component);
        } else {
            flags.remove(component);
        }
        apply();
    }

    private void apply() {
        LoggerContext context = context();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level.threshold());
        for (Component component : Component.values()) {
            Logger logger = context.getLogger(component.logger());
            logger.setLevel(flags.contains(component) ? Level.DEBUG : null);
        }
        appender.print(printLevel.threshold(), Set.copyOf(flags));
    }

    private static LoggerContext context() {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            return context;
        }
        throw new IllegalStateException(
                "SLF4J is bound to " + factory.getClass().getName() + ", not to Logback");
    }
}
