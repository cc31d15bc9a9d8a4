/** Disks that take everything and keep nothing, to measure what is above them. */
package dev.ringside.bdev.nulldisk;
