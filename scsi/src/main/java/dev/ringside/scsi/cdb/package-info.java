/** Command descriptor blocks (SPC-5, SBC-4): the table of operations, decoding and making them. */
package dev.ringside.scsi.cdb;
