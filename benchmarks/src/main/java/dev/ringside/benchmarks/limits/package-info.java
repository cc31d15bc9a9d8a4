/** What the machine can do at best, to be set beside what was measured. */
package dev.ringside.benchmarks.limits;
