package dev.ringside.daemon.cli;

import dev.ringside.env.pci.PciAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** Moves devices from one driver to another. */
interface DeviceMove {
    /** Moves one. */
    void move(PciAddress address) throws IOException;

    /** Moves several, and goes on after one that is refused; none if an address is none. */
    static int each(CommandLine command, List<String> texts, DeviceMove how) {
        List<PciAddress> addresses = new ArrayList<>();
        for (String text : texts) {
            Optional<PciAddress> address = PciAddress.parse(text);
            if (address.isEmpty()) {
                command.getErr().println("ringside: '" + text + "' is no PCI address such as 0000:3b:00.0");
                return ExitCode.USAGE;
            }
            addresses.add(address.get());
        }
        int status = ExitCode.OK;
        for (PciAddress address : addresses) {
            try {
                how.move(address);
            } catch (IOException e) {
                command.getErr().println("ringside: " + e.getMessage());
                status = ExitCode.FAILED;
            }
        }
        return status;
    }
}
