/** The command line: {@code ringside perf}. */
package dev.ringside.benchmarks.cli;
