package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.u16;
import static dev.ringside.bdev.nvme.spec.Fields.u32;
import static dev.ringside.bdev.nvme.spec.Fields.u64;
import static dev.ringside.bdev.nvme.spec.Fields.u8;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Health of a drive (base 2.0, 5.16.1.3).
 *
 * @param criticalWarning a bit for each kind of trouble; 0: none
 * @param temperature composite, in kelvins
 * @param dataUnitsRead in units of 1000 blocks of 512 bytes
 * @param controllerBusyTime in minutes
 * @param warningTemperatureTime in minutes
 * @param criticalTemperatureTime in minutes
 * @param temperatureSensors in kelvins, only those that there are
 */
public record HealthLog(
        int criticalWarning,
        int temperature,
        int availableSpare,
        int availableSpareThreshold,
        int percentageUsed,
        BigInteger dataUnitsRead,
        BigInteger dataUnitsWritten,
        BigInteger hostReadCommands,
        BigInteger hostWriteCommands,
        BigInteger controllerBusyTime,
        BigInteger powerCycles,
        BigInteger powerOnHours,
        BigInteger unsafeShutdowns,
        BigInteger mediaErrors,
        BigInteger errorLogEntries,
        long warningTemperatureTime,
        long criticalTemperatureTime,
        List<Integer> temperatureSensors) {

    /** Bytes of the data structure. */
    public static final int SIZE = 512;

    /** Reads the data structure. */
    public static HealthLog read(MemorySegment data) {
        return new HealthLog(
                u8(data, 0),
                u8(data, 1) | u8(data, 2) << 8,
                u8(data, 3),
                u8(data, 4),
                u8(data, 5),
                u128(data, 32),
                u128(data, 48),
                u128(data, 64),
                u128(data, 80),
                u128(data, 96),
                u128(data, 112),
                u128(data, 128),
                u128(data, 144),
                u128(data, 160),
                u128(data, 176),
                Integer.toUnsignedLong(u32(data, 192)),
                Integer.toUnsignedLong(u32(data, 196)),
                IntStream.range(0, 8)
                        .map(i -> u16(data, 200 + 2 * i))
                        .filter(kelvins -> kelvins != 0)
                        .boxed()
                        .toList());
    }

    private static BigInteger u128(MemorySegment data, int at) {
        return unsigned(u64(data, at + Long.BYTES)).shiftLeft(Long.SIZE).or(unsigned(u64(data, at)));
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
