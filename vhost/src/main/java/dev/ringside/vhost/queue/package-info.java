/** Virtqueues: the device's side of the rings that a guest's driver fills (virtio 1.2, 2.6 to 2.8). */
package dev.ringside.vhost.queue;
