package dev.ringside.bdev.nvme.queue;

/** A submission and a completion queue, as the controller has to know them. Any thread. */
public sealed interface QueuePair permits IoQueuePair, BareQueuePair {

    /** Number of both queues, at least 1. */
    int id();

    /** Entries of each. */
    int entries();

    /** Where the controller finds the submission queue. */
    long submissionIova();

    /** Where the controller finds the completion queue. */
    long completionIova();

    /** Whether the controller shall interrupt. */
    boolean interrupts();
}
