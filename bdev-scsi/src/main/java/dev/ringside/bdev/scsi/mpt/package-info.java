/** What the drivers of Fusion-MPT adapters of all generations have in common. */
package dev.ringside.bdev.scsi.mpt;
