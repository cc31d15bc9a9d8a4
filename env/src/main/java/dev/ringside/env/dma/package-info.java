/**
 * Memory that devices reach: what is mapped for them and where ({@link dev.ringside.env.dma.DmaSpace}), and buffers of our
 * own in it ({@link dev.ringside.env.dma.DmaPool}).
 */
package dev.ringside.env.dma;
