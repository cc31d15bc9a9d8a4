package dev.ringside.vhost.queue;

/** What a device does with the requests of a queue. */
public interface ChainHandler {

    /**
     * Takes a request, to be started now or with its batch. It is ended by {@link Virtqueue#complete}, possibly before this
     * returns. On the queue's reactor.
     *
     * @return {@link Virtqueue#OK}, or the {@link QueueError} code of what makes the request impossible to answer, which
     *     breaks the queue
     */
    int handle(Chain chain);
}
