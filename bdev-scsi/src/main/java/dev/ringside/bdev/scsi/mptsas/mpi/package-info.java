/**
 * Fusion-MPT message passing interface 1.5 as data: registers, messages, configuration pages. Field names and values are
 * those of the public headers ({@code mpi.h}, {@code mpi_ioc.h}, {@code mpi_init.h}, {@code mpi_cnfg.h}, {@code mpi_sas.h}).
 */
package dev.ringside.bdev.scsi.mptsas.mpi;
