/** Real guests under QEMU, whose disks a daemon under test serves over vhost-user. */
@NullMarked
package dev.ringside.qemu;

import org.jspecify.annotations.NullMarked;
