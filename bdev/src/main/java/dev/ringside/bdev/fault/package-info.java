/**
 * Faults that operators and tests give to devices: what a {@link dev.ringside.bdev.fault.Fault} is, and the layer that has
 * them happen. The error and delay bdevs are made of the same. A {@link dev.ringside.bdev.fault.FaultyFunction} has those of the
 * hardware below.
 */
package dev.ringside.bdev.fault;
