/** What all of SCSI shares: byte order, status codes, addresses of logical units. */
package dev.ringside.scsi;
