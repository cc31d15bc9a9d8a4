/**
 * Disks that are files or block devices of the system, reached through io_uring: one ring for each reactor, which all
 * file disks on it share ({@link dev.ringside.bdev.file.UringGroup}).
 */
package dev.ringside.bdev.file;
