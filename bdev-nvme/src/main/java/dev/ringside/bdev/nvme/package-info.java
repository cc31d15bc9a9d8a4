/**
 * NVMe drives as block devices: {@link dev.ringside.bdev.nvme.NvmeController} drives a controller, and each of its
 * namespaces is a {@link dev.ringside.bdev.nvme.NvmeBdev}.
 */
package dev.ringside.bdev.nvme;
