package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.env.pci.Registers;

/** What all queues of an adapter have in common. */
record Rings(Registers registers, FrameMemory memory, RequestPost requestPost, ReplyFreeQueue replyFree) {}
