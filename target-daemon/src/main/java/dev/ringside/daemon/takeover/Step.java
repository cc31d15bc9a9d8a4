package dev.ringside.daemon.takeover;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The frames between the process that serves (old) and the one that takes over (new), in their order. Each carries a JSON
 * object, and descriptors that the object names by number.
 *
 * <pre>
 *  HELLO          new to old   version
 *  WELCOME        old to new   version, cpumask, idle, vhost_directory
 *  BEGIN          new to old   (its reactors run, its code is warm; the old one holds the configuration from here on)
 *  CONFIGURATION  old to new   calls[], disks[], listeners[], ports[]
 *  PREPARED       new to old   (it has all disks and controllers; the guests begin to wait)
 *  STATE          old to new   rested_at, units[], controllers[]
 *  TAKEN          new to old   (the commit: the guests are the new one's)
 *  FAILED         either       reason; the old one goes on, the new one ends
 * </pre>
 */
enum Step {
    HELLO,
    WELCOME,
    BEGIN,
    CONFIGURATION,
    PREPARED,
    STATE,
    TAKEN,
    FAILED;

    /** The name on the wire. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Step> of(String text) {
        return Arrays.stream(values()).filter(step -> step.text().equals(text)).findFirst();
    }
}
