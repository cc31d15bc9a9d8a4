package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.mptsas.MptsasProvider;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.testkit.bdev.BdevSubject;
import dev.ringside.testkit.bdev.BdevSuite;
import dev.ringside.testkit.bdev.LentBdev;
import dev.ringside.testkit.scsi.HostDisk;
import dev.ringside.testkit.scsi.HostDriverSuite;
import dev.ringside.testkit.scsi.HostSubject;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The suites of drivers and of bdevs as a program, on the first two disks of an adapter that vfio-pci has: for a guest that has no
 * JUnit. The driver is polled; the adapter interrupts for the first disk, and is polled for the second.
 */
public final class AdapterSuite {
    private static final int STEADY_REQUESTS = 2_000;
    /** One for each request of the check of an idle reactor. */
    private static final long LEAST_INTERRUPTS = 1_000;

    private AdapterSuite() {}

    /** Takes a PCI address; the exit status is 0 if every check passed. Data on the disks is lost. */
    public static void main(String[] args) throws Exception {
        PciAddress address = PciAddress.parse(args[0]).orElseThrow();
        OnAdapter first = new OnAdapter(new MptsasProvider(), address, 0);
        OnAdapter second = new OnAdapter(new MptsasProvider(), address, 1);
        int failed = HostDriverSuite.run(first, System.out) + runDisk(first, true);
        failed += HostDriverSuite.run(second, System.out) + runDisk(second, false);
        System.out.println(failed == 0 ? "suite: passed" : "suite: " + failed + " checks failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    private static int runDisk(OnAdapter adapter, boolean interrupts) throws Exception {
        ScsiOptions options = ScsiOptions.DEFAULT.withInterrupts(interrupts);
        HostDisk disk = new HostDisk(adapter::create, options, Range.WHOLE, adapter.target);
        try {
            int failed = BdevSuite.run(new OnDisk(disk), System.out);
            return interrupts && !hasInterrupted(adapter) ? failed + 1 : failed;
        } finally {
            disk.destroy();
        }
    }

    private static boolean hasInterrupted(OnAdapter adapter) throws IOException {
        long interrupts = interrupts(adapter.address);
        System.out.println("interrupts: " + interrupts);
        return interrupts >= LEAST_INTERRUPTS;
    }

    /** How often a device that vfio-pci has has interrupted since that was switched on, by the kernel's list. */
    private static long interrupts(PciAddress address) throws IOException {
        return Files.readAllLines(Path.of("/proc/interrupts")).stream()
                .filter(line -> line.contains("(" + address + ")"))
                .flatMap(line -> Arrays.stream(line.strip().split("\\s+"))
                        .skip(1)
                        .takeWhile(field -> field.chars().allMatch(Character::isDigit)))
                .mapToLong(Long::parseLong)
                .sum();
    }

    private record OnDisk(HostDisk disk) implements BdevSubject {
        @Override
        public String name() {
            return "disk with blocks of " + disk.info().blockSize();
        }

        @Override
        public Bdev create() {
            return new LentBdev(disk);
        }

        @Override
        public int steadyRequests() {
            return STEADY_REQUESTS;
        }

        @Override
        public MemorySegment allocate(Arena arena, long bytes) {
            return disk.allocate(arena, bytes);
        }
    }

    private record OnAdapter(ScsiHostDriverProvider provider, PciAddress address, int target) implements HostSubject {
        @Override
        public String name() {
            return provider.name() + " at " + address + ", disk " + target;
        }

        @Override
        public ScsiHostDriver create(DmaSpace dma) throws Exception {
            return provider.open(
                    new VfioHost(dma).open(new PciBus().find(address).orElseThrow()));
        }
    }
}
