package dev.ringside.bdev;

/** A module's channel that all users on one reactor share; touched by that reactor only. */
final class SharedChannel {
    private final IoChannel channel;
    private int users;

    SharedChannel(IoChannel channel) {
        this.channel = channel;
    }

    IoChannel channel() {
        return channel;
    }

    void join() {
        users++;
    }

    /** Takes a user away; true if it was the last. */
    boolean leave() {
        return --users == 0;
    }
}
