package dev.ringside.daemon.cli;

import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "devices",
        description =
                "List the controllers of disks, with the driver that each is with, its IOMMU group, its NUMA node and"
                        + " the block devices that the kernel has on it.")
final class DevicesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PciBus bus = new PciBus();
        boolean unsafe = false;
        try {
            out.println(row("ADDRESS", "DEVICE", "CLASS", "DRIVER", "GROUP", "NUMA", "BLOCK DEVICES"));
            for (PciDevice device : bus.list()) {
                if (device.isMassStorage()) {
                    out.println(describe(bus, device));
                    unsafe |= device.noIommu();
                }
            }
            if (unsafe) {
                out.println("Devices in a group noiommu-N can change all memory of this machine; they are attached with"
                        + " 'ringside serve --allow-unsafe-noiommu' only.");
            }
            return ExitCode.OK;
        } catch (IOException e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private static String describe(PciBus bus, PciDevice device) throws IOException {
        return row(
                device.address().toString(),
                String.format("%04x:%04x", device.vendor(), device.device()),
                String.format("%06x", device.classCode()),
                device.driver().orElse("-"),
                group(device),
                device.numaNode().isPresent()
                        ? Integer.toString(device.numaNode().getAsInt())
                        : "-",
                String.join(",", bus.blockDevices(device.address())));
    }

    /** Its group, as its file below /dev/vfio is named. */
    private static String group(PciDevice device) {
        return device.iommuGroup().isEmpty()
                ? "-"
                : (device.noIommu() ? "noiommu-" : "") + device.iommuGroup().getAsInt();
    }

    private static String row(String... cells) {
        return String.format("%-14s %-9s %-7s %-12s %9s %4s %s", (Object[]) cells)
                .stripTrailing();
    }
}
