package dev.ringside.benchmarks.micro;

import dev.ringside.vhost.queue.Chain;

/** A request without anything of a device's. */
final class BareChain extends Chain {}
