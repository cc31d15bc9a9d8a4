package dev.ringside.benchmarks.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which disk of this process is loaded. */
final class BdevOptions {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration that describes the disk, as 'ringside save-config' prints it. All of its"
                    + " disks are made; what it says of guests is left out.")
    Path config;

    @Option(names = "--bdev", required = true, paramLabel = "NAME", description = "The disk, by its name or UUID.")
    String bdev;
}
