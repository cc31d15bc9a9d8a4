package dev.ringside.daemon.target;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What has happened lately, for clients that ask from time to time; the oldest events are forgotten first. Any thread. */
public final class Notifications {
    /** Most events that are remembered. */
    public static final int MOST = 1024;

    private final Deque<Event> events = new ArrayDeque<>();
    private long nextId;

    /** What may happen, under SPDK's names. */
    public enum Type {
        BDEV_REGISTER("bdev_register"),
        BDEV_UNREGISTER("bdev_unregister");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * One event.
     *
     * @param id of its place in the order of all events, from 0
     * @param about name of what it happened to
     */
    public record Event(long id, Type type, String about) {}

    /** Makes one in which nothing has happened. */
    public Notifications() {}

    /** Adds an event. */
    public synchronized void add(Type type, String about) {
        if (events.size() == MOST) {
            events.removeFirst();
        }
        events.addLast(new Event(nextId, type, about));
        nextId++;
    }

    /**
     * The oldest events that are remembered from one on.
     *
     * @param firstId of the first that is wanted
     * @param most how many are wanted
     */
    public synchronized List<Event> from(long firstId, long most) {
        return events.stream()
                .filter(event -> event.id() >= firstId)
                .limit(most)
                .toList();
    }
}
