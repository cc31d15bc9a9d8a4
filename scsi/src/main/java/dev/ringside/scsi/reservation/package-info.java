/** Persistent reservations (SPC-5, 5.14): types, parameter data, transport ids; and target port groups. */
package dev.ringside.scsi.reservation;
