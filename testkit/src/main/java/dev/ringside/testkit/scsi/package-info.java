/** SCSI disks in memory behind a simulated host, what goes wrong with them, and the suite that every driver of a host passes. */
package dev.ringside.testkit.scsi;
