/** A model of an NVMe controller, at the level of its registers and queues, with faults on demand. */
package dev.ringside.testkit.nvme;
