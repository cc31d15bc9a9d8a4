/** Drivers of virtqueues whose requests are described once and then only shown again and again. */
package dev.ringside.benchmarks.ring;
