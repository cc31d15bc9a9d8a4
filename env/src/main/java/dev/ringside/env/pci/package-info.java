/** PCI functions as Linux lists them in sysfs, and what a driver in user space needs of one. */
package dev.ringside.env.pci;
