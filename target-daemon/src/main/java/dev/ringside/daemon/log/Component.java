package dev.ringside.daemon.log;

import java.util.Locale;
import java.util.Optional;

/** A part of the daemon whose debug messages can be switched on alone: SPDK's log flags. */
public enum Component {
    BDEV("dev.ringside.bdev"),
    DAEMON("dev.ringside.daemon"),
    REACTOR("dev.ringside.env.reactor"),
    RPC("dev.ringside.rpc"),
    VHOST("dev.ringside.vhost");

    private final String logger;

    Component(String logger) {
        this.logger = logger;
    }

    /** The component of that name, in any case. */
    public static Optional<Component> named(String name) {
        for (Component component : values()) {
            if (component.name().equalsIgnoreCase(name)) {
                return Optional.of(component);
            }
        }
        return Optional.empty();
    }

    /** The name of the logger that stands above all loggers of the component. */
    public String logger() {
        return logger;
    }

    /** The component that a logger belongs to; empty for somebody else's. */
    static Optional<Component> of(String loggerName) {
        for (Component component : values()) {
            if (loggerName.startsWith(component.logger)) {
                return Optional.of(component);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
