/** Mode pages and the parameter lists that carry them (SPC-5, 7.5). */
package dev.ringside.scsi.mode;
