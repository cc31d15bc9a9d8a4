package dev.ringside.daemon.cli;

import dev.ringside.env.pci.PciBus;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "bind",
        description =
                "Take devices from the kernel's driver and give them to vfio-pci, so that the daemon can drive them. A"
                        + " device whose disks are mounted or otherwise in use is refused.")
final class BindCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "PCI addresses, such as 0000:3b:00.0.")
    private List<String> addresses;

    @Override
    public Integer call() {
        PciBus bus = new PciBus();
        return DeviceMove.each(spec.commandLine(), addresses, bus::bind);
    }
}
