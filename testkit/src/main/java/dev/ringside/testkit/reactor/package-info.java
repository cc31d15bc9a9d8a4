/** Reactors that a test steps by hand. */
package dev.ringside.testkit.reactor;
