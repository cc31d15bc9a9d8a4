package dev.ringside.vhost.wire;

/** What a {@link MessageStream} passes before each read. */
@FunctionalInterface
public interface Turnstile {

    /**
     * Waits until there is something to read.
     *
     * @return false if this stream is not to read any more, since the connection is another's
     */
    boolean await();
}
