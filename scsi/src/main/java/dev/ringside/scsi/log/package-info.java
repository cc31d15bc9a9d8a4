/** Log pages (SPC-5, 7.3). */
package dev.ringside.scsi.log;
