/**
 * Reactors: one pinned thread each, running pollers to completion.
 *
 * <p>A datum of the data plane has one owner, a reactor; other threads send it messages with
 * {@link dev.ringside.env.reactor.Reactor#execute}.
 */
package dev.ringside.env.reactor;
