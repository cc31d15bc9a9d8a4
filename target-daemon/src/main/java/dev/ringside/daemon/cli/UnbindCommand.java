package dev.ringside.daemon.cli;

import dev.ringside.env.pci.PciBus;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "unbind",
        description =
                "Take devices from vfio-pci and give them back to the kernel's own driver. A daemon that drives one of"
                        + " them lets go of it.")
final class UnbindCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "PCI addresses, such as 0000:3b:00.0.")
    private List<String> addresses;

    @Override
    public Integer call() {
        PciBus bus = new PciBus();
        return DeviceMove.each(spec.commandLine(), addresses, bus::unbind);
    }
}
