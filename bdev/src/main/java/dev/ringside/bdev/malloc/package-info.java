/** RAM disks. */
package dev.ringside.bdev.malloc;
