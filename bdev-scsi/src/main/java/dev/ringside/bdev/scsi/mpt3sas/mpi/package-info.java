/**
 * What is of MPI 2.5 and 2.6 alone in registers, messages and configuration pages, beside {@link dev.ringside.bdev.scsi.mpi}.
 * Field names and values are those of the public headers ({@code mpi2.h}, {@code mpi2_ioc.h}, {@code mpi2_init.h}, {@code
 * mpi2_cnfg.h}, {@code mpi2_sas.h}).
 */
package dev.ringside.bdev.scsi.mpt3sas.mpi;
