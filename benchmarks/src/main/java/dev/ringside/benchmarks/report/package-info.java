/** Results as tables, pictures and JSON. */
package dev.ringside.benchmarks.report;
