/** What a virtio device type is to the vhost-user session that carries it. */
package dev.ringside.vhost.device;
