/** Sense data (SPC-5, 4.4). */
package dev.ringside.scsi.sense;
