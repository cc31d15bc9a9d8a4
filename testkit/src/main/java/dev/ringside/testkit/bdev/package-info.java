/**
 * One suite that every block device passes: {@link dev.ringside.testkit.bdev.BdevConformance}, over what a
 * {@link dev.ringside.testkit.bdev.BdevSubject} says of the device.
 */
package dev.ringside.testkit.bdev;
