/** The virtio block device (virtio 1.2, 5.2). */
package dev.ringside.vhost.blk;
