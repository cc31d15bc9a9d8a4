/** A front end that shares a reactor with somebody else's, and behaves or does not. */
package dev.ringside.benchmarks.neighbour;
