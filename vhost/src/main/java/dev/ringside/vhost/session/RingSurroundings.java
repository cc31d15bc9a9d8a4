package dev.ringside.vhost.session;

import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.queue.ChainBudget;

/**
 * What the rings of a session have in common.
 *
 * @param device whose rings they are
 * @param inflight where requests in flight are tracked
 * @param share of the heap, for requests
 * @param pace of the calls to the driver
 */
record RingSurroundings(VirtioDevice device, InflightRegions inflight, ChainBudget.Share share, CallPace pace) {}
