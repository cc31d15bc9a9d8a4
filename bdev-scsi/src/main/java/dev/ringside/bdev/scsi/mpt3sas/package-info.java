/**
 * The driver of Broadcom's SAS adapters of the generations SAS3, SAS3.5 and SAS3.8 (MPI 2.5 and 2.6). A request is a frame in
 * memory that is posted by its number (SMID); replies come by rings of descriptors in memory (reply descriptor post queues),
 * with a reply frame for all but plain success. The IOC finds SAS and SATA devices itself, tells of changes by events, and
 * addresses them by handles, which it may use for others once the host has said that it has done with one.
 */
package dev.ringside.bdev.scsi.mpt3sas;
