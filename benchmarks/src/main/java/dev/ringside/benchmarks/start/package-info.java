/** How a fresh server starts: when it answers, and how its speed rises. */
package dev.ringside.benchmarks.start;
