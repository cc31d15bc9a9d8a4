package dev.ringside.vhost.session;

import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.queue.ChainBudget;

/**
 * What the rings of a session have in common. Negotiation, memory and log are for the session's thread only; the rest is for
 * the rings' reactors, too.
 *
 * @param device whose rings they are
 * @param negotiation what was agreed on
 * @param memory where they are
 * @param inflight where requests in flight are tracked
 * @param log where they log what they write
 * @param share of the heap, for requests
 * @param pace of the calls to the driver
 */
record RingSurroundings(
        VirtioDevice device,
        Negotiation negotiation,
        MemoryMap memory,
        InflightRegions inflight,
        MigrationLog log,
        ChainBudget.Share share,
        CallPace pace) {}
