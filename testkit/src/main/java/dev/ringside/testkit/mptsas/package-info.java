/** A host adapter that speaks MPI 1.5, played at the level of its registers, with disks and with what goes wrong. */
package dev.ringside.testkit.mptsas;
