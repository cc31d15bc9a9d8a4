/** Parameter data of block devices (SBC-4): capacity, unmap lists, provisioning status. */
package dev.ringside.scsi.block;
