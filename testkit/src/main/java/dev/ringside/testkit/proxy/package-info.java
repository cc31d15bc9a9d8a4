/**
 * Models of PCI functions for guests: QEMU's device {@code x-pci-proxy-dev} hands what a guest does to its registers and its
 * configuration space over a socket (docs/devel/multi-process.rst of QEMU).
 */
package dev.ringside.testkit.proxy;
