/** What a logical unit says of itself: standard INQUIRY data and vital product data (SPC-5, 6.7 and 7.7). */
package dev.ringside.scsi.inquiry;
