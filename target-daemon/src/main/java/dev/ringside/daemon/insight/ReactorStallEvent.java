package dev.ringside.daemon.insight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A turn of a reactor's loop that took very long. Committed within a second of its end; at most one a second and reactor. */
@Name("dev.ringside.ReactorStall")
@Label("Reactor Stall")
@Category("Ringside")
@Description("A turn of a reactor's loop that took very long")
@StackTrace(false)
final class ReactorStallEvent extends Event {
    @Label("Reactor")
    final String reactor;

    @Label("Turn")
    @Timespan
    final long turn;

    @Label("What Ran")
    final String ran;

    ReactorStallEvent(String reactor, long turn, String ran) {
        this.reactor = reactor;
        this.turn = turn;
        this.ran = ran;
    }
}
