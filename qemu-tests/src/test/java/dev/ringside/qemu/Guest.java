package dev.ringside.qemu;

import dev.ringside.qemu.GuestShell.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * A running guest. Its commands go over QEMU's standard input and output, so that it powers off when this process is
 * gone. For one thread at a time, but for {@link #close()}.
 */
final class Guest implements AutoCloseable {
    private static final Duration BOOT = Duration.ofSeconds(90);

    /** What the guest's init says first. */
    private static final String INIT = "guest-init: up";

    private final Process qemu;
    private final GuestShell shell;
    private final Qmp qmp;
    private final Supplier<String> console;

    private Guest(Process qemu, GuestShell shell, Qmp qmp, Supplier<String> console) {
        this.qemu = qemu;
        this.shell = shell;
        this.qmp = qmp;
        this.console = console;
    }

    /** Runs a command line in the guest; whatever its exit status, the outcome is returned. */
    Outcome tryRun(String command, Duration timeout) {
        return shell.run(command, timeout);
    }

    /** Runs a command line in the guest and returns what it printed. Fails when its exit status is not 0. */
    String run(String command, Duration timeout) {
        Outcome outcome = tryRun(command, timeout);
        if (outcome.status() != 0) {
            throw new GuestShell.GuestFailure(
                    "exit status " + outcome.status() + " of: " + command + "\n" + outcome.output());
        }
        return outcome.output();
    }

    /** {@link #run(String, Duration)} for what is done in a moment: up to 60 s, as the emulated processor is slow. */
    String run(String command) {
        return run(command, Duration.ofSeconds(60));
    }

    /** Whether a disk's driver has negotiated VIRTIO_F_RING_PACKED, bit 34. */
    boolean hasPackedRings(String disk) {
        return run("cut -c 35 /sys/block/" + disk + "/device/features").strip().equals("1");
    }

    Qmp qmp() {
        return qmp;
    }

    long pid() {
        return qemu.pid();
    }

    /**
     * Has the guest's processors run on one core of the host's, before all that is not real-time there (SCHED_FIFO), so that
     * they are rarely stopped in the middle of an instruction.
     */
    void preferVcpus(int core) {
        for (JsonNode vcpu : qmp.execute("query-cpus-fast", Map.of())) {
            String thread = vcpu.get("thread-id").asString();
            Scripts.run(
                    List.of("taskset", "--cpu-list", "--pid", Integer.toString(core), thread), Duration.ofSeconds(20));
            Scripts.run(List.of("chrt", "--fifo", "--pid", "1", thread), Duration.ofSeconds(20));
        }
    }

    /** Presses the reset button and waits until the guest has booted again. */
    void reset() {
        int boots = boots();
        qmp.execute("set-action", Map.of("reboot", "reset"));
        qmp.execute("system_reset", Map.of());
        try {
            shell.awaitReady(BOOT);
        } catch (GuestShell.GuestFailure e) {
            rethrowUnlessHung(e, boots);
            qmp.execute("system_reset", Map.of());
            shell.awaitReady(BOOT);
        }
        qmp.execute("set-action", Map.of("reboot", "shutdown"));
    }

    /** How often the guest's init has begun. */
    private int boots() {
        return console.get().split(INIT, -1).length - 1;
    }

    /** An emulated kernel hangs once in some hundred boots, long before it loads a driver of a disk: only that is excused. */
    private void rethrowUnlessHung(GuestShell.GuestFailure failure, int bootsBefore) {
        if (boots() > bootsBefore) {
            throw failure;
        }
        System.out.println("the kernel of a guest hung before its init: it is started once more");
    }

    /** Ends QEMU with SIGKILL, as a crash would, and returns when it is gone. */
    void kill() {
        qemu.destroyForcibly();
        try {
            if (!qemu.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("QEMU (pid " + qemu.pid() + ") survives SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        qmp.close();
    }

    /** Describes a guest, and starts it. */
    static final class Builder {
        private final TestBed bed;
        private final String name;
        private final List<String> devices = new ArrayList<>();
        private int memoryMib = 512;
        private int vcpus = 2;
        private String tools = "";
        private String kernelArguments = "";
        private boolean recentQemu;
        private boolean vfioKernel;
        private boolean oneThread;
        private int disks;

        Builder(TestBed bed, String name) {
            this.bed = bed;
            this.name = name;
        }

        Builder memory(int mebibytes) {
            memoryMib = mebibytes;
            return this;
        }

        Builder vcpus(int number) {
            vcpus = number;
            return this;
        }

        /**
         * Gives the guest busybox and copies of some of the host's programs instead of the host's whole file system, as
         * QEMU does not migrate a guest that has that mounted.
         */
        Builder onlyTools(String... programs) {
            tools = String.join(",", programs);
            return this;
        }

        /** Has a QEMU run the guest that can do more than Debian 12's: {@code scripts/recent-qemu.sh}. */
        Builder recentQemu() {
            Scripts.getRecentQemu();
            recentQemu = true;
            return this;
        }

        /** Boots a kernel whose VFIO has more ways than Debian's: {@code scripts/vfio-kernel.sh}. */
        Builder vfioKernel() {
            Scripts.makeVfioGuestImage();
            vfioKernel = true;
            return this;
        }

        /**
         * Has all processors of the guest emulated by one thread, in turn. With a thread for each, QEMU 7.2 now and then
         * executes code that another processor has just replaced: a JVM in the guest, whose compiler does that all the time,
         * ends with SIGSEGV at the first instruction of a method.
         */
        Builder oneThread() {
            oneThread = true;
            return this;
        }

        /** Adds words to the kernel's command line. */
        Builder kernelArguments(String words) {
            kernelArguments = words;
            return this;
        }

        /** Adds a disk; the guest calls the first vda, the next vdb. */
        Builder disk(VhostUserDisk disk) {
            String id = "disk" + disks++;
            return device("-chardev", disk.chardev(id + "-socket"), "-device", disk.device(id, id + "-socket"));
        }

        /** Adds arguments to QEMU's command line. */
        Builder device(String... arguments) {
            devices.addAll(List.of(arguments));
            return this;
        }

        /** Starts QEMU and waits until the guest takes commands. */
        Guest start() {
            Guest guest = launch();
            try {
                guest.shell.awaitReady(BOOT);
            } catch (GuestShell.GuestFailure e) {
                guest.rethrowUnlessHung(e, 0);
                guest.kill();
                guest = launch();
                guest.shell.awaitReady(BOOT);
            }
            return guest;
        }

        /** Starts QEMU, which waits for a guest that migrates to it over a UNIX socket. */
        Guest startIncoming(Path stream) {
            device("-incoming", "unix:" + stream);
            return launch();
        }

        private Guest launch() {
            String log = name + ".console.log";
            Path console = bed.log(log);
            Path monitor = bed.socket(name + ".qmp");
            Scripts.makeGuestImage();
            List<String> command =
                    new ArrayList<>(List.of(Scripts.path("guest-qemu.sh").toString(), console.toString()));
            command.addAll(List.of("-qmp", "unix:" + monitor + ",server=on,wait=off"));
            command.addAll(devices);
            Map<String, String> environment = Map.of(
                    "GUEST_MEMORY",
                    Integer.toString(memoryMib),
                    "GUEST_VCPUS",
                    Integer.toString(vcpus),
                    "GUEST_TOOLS",
                    tools,
                    "GUEST_KERNEL_ARGUMENTS",
                    kernelArguments,
                    "GUEST_RECENT_QEMU",
                    recentQemu ? "1" : "",
                    "GUEST_KERNEL",
                    vfioKernel ? "vfio" : "",
                    "GUEST_ONE_THREAD",
                    oneThread ? "1" : "");
            Process qemu = bed.launch(bed.log(name + ".qemu.log"), command, environment, true);
            GuestShell shell = new GuestShell(qemu.getOutputStream(), qemu.getInputStream());
            Guest guest = new Guest(qemu, shell, Qmp.connect(monitor), () -> bed.logText(log));
            bed.closeAfterTest(guest);
            return guest;
        }
    }
}
