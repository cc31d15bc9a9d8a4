/** The bare hardware: commands built beforehand, given to the driver of a SAS adapter and polled for, with nothing between. */
package dev.ringside.benchmarks.hw;
