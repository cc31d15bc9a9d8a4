/**
 * Limits on what is done on a device, or on several together: {@link dev.ringside.bdev.qos.QosLimits} is what an operator
 * asks for, {@link dev.ringside.bdev.qos.QosBudget} what requests are paid from.
 */
package dev.ringside.bdev.qos;
