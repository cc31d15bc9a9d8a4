/** What the NVM Express specifications say: registers, queue entries, commands, status codes, data structures. */
package dev.ringside.bdev.nvme.spec;
