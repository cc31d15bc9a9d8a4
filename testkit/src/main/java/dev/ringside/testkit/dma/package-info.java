/** Memory as models of devices see it. */
package dev.ringside.testkit.dma;
