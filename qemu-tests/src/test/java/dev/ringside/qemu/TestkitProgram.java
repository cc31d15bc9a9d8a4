package dev.ringside.qemu;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;

/** Programs of testkit, as they are run outside of a test's own process. */
final class TestkitProgram {
    private TestkitProgram() {}

    /** The command line of a program on this machine, with the JDK that runs this test. */
    static List<String> command(String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                classPath(Scripts.ROOT.toString()),
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * What the programs need.
     *
     * @param checkout where it is seen
     */
    static String classPath(String checkout) {
        Path assertj;
        try {
            assertj = Path.of(Assertions.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        Stream<String> modules = Stream.of("env", "scsi", "bdev", "bdev-nvme", "bdev-scsi", "vhost", "testkit")
                .map(module -> checkout + "/" + module + "/target/classes");
        Stream<String> libraries = Stream.of("slf4j-api", "logback-classic", "logback-core")
                .map(name -> checkout + "/target-daemon/target/ringside/lib/" + name + ".jar");
        return Stream.of(modules, libraries, Stream.of(assertj.toString()))
                .flatMap(entries -> entries)
                .collect(Collectors.joining(":"));
    }
}
