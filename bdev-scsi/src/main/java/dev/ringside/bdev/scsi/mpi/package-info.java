/**
 * Fusion-MPT message passing interface as data, as far as its generations 1.5, 2.5 and 2.6 agree. Field names and values are
 * those of the public headers ({@code mpi.h}, {@code mpi2.h} and what belongs to them).
 */
package dev.ringside.bdev.scsi.mpi;
