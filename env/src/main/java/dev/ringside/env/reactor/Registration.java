package dev.ringside.env.reactor;

/** Something that a reactor was given and that can be taken back. */
public interface Registration extends AutoCloseable {

    /** Takes it back; idempotent; the reactor's thread only. A poller may close its own registration while it runs. */
    @Override
    void close();
}
