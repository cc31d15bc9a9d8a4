/**
 * The driver of LSI's Fusion-MPT SAS adapters 1064, 1068 and 1078 (MPI 1.5). One request FIFO, one reply FIFO: a request is a
 * frame in memory whose address is written to a register, and ends with its context, or with the address of a reply frame, in
 * another. The IOC finds and names SAS and SATA devices itself, and addresses them by bus and target.
 */
package dev.ringside.bdev.scsi.mptsas;
