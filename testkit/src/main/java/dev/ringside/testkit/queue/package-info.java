/** The driver's side of virtqueues, and the guest memory that they lie in (virtio 1.2, 2.6 to 2.8). */
package dev.ringside.testkit.queue;
