package dev.ringside.env.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs a main method of the tests in a JVM of its own. */
record ChildJvm(int exitCode, String output) {
    static ChildJvm run(Path folder, String shellPrefix, String options, Class<?> main)
            throws IOException, InterruptedException {
        Path output = folder.resolve("child.log");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command = shellPrefix + " exec '" + java + "' -Xmx64m -XX:+UseSerialGC " + options + " -cp '"
                + System.getProperty("java.class.path") + "' '" + main.getName() + "'";
        Process child = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!child.waitFor(60, TimeUnit.SECONDS)) {
            child.destroyForcibly();
            throw new IOException("the child does not end: " + Files.readString(output));
        }
        return new ChildJvm(child.exitValue(), Files.readString(output));
    }
}
