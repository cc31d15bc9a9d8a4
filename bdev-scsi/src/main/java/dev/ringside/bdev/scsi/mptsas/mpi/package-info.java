/**
 * What is of MPI 1.5 alone in registers, messages and configuration pages, beside {@link dev.ringside.bdev.scsi.mpi}. Field names
 * and values are those of the public headers ({@code mpi.h}, {@code mpi_ioc.h}, {@code mpi_init.h}, {@code mpi_cnfg.h}).
 */
package dev.ringside.bdev.scsi.mptsas.mpi;
