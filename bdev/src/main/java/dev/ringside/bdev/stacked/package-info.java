/** Disks that are made of other disks: the same one again, parts of one, one that is slow, one that fails. */
package dev.ringside.bdev.stacked;
