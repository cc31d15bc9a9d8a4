package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.GuestShell.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A guest with an emulated IOMMU and the checkout in it, for the daemon inside, on controllers that QEMU emulates: none of
 * these is of our own making. It has one processor, unless a test needs more: where two are emulated, a JVM that starts has each
 * wait for the other most of the time, as each change of a page table is told to both.
 *
 * @param cores of the daemon's reactors
 */
record VfioGuest(Guest guest, String cores) {
    /** For what takes its time on an emulated processor. */
    static final Duration LONG = Duration.ofMinutes(8);
    /** For a command of ours, which begins with the start of a JVM. */
    static final Duration CLIENT = Duration.ofMinutes(2);

    /** Of tests that measure nothing, whose guest is emulated in one thread, so that two of them go at a time (scripts/test.sh). */
    static final String TAG = "vfio";

    private static final int A_DAY_S = 86_400;
    /** In which a request of a load comes to its disk. */
    private static final int SOME_SECONDS = 3;

    /** The guest sees the checkout where it is, as an AOT cache is good for one place only. */
    private static final String CHECKOUT = Scripts.ROOT.toString();

    /** The optimising compiler would take most of an emulated processor for as long as a test lasts. */
    private static final String JVM = "-XX:TieredStopAtLevel=1";

    /** A clock without a call of the kernel's, and no large pages to be filled with zeros, which emulated processors do slowly. */
    private static final String FAST = "tsc=reliable clocksource=tsc transparent_hugepage=never";

    private static final String RINGSIDE = ringsideIn(CHECKOUT);
    /** Where users other than root find the checkout, too, whose folders may be closed to them. */
    private static final String OPEN_CHECKOUT = "/tmp/checkout";
    /** Of the image with iommufd. */
    private static final String UDEV = "/proc/1/root/sbin/";

    private static final String UDEVADM = "SYSTEMD_IGNORE_CHROOT=1 " + UDEV + "udevadm ";

    /** The daemon's own client takes long to start on an emulated processor. */
    private static final String RPC =
            "perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => \"/tmp/rpc.sock\") or die;"
                    + " print $s $ARGV[0]; $s->flush; print scalar <$s>' ";

    /**
     * Starts a guest.
     *
     * @param modules of the kernel that are loaded beside those of VFIO
     */
    static VfioGuest start(TestBed bed, String name, List<String> modules, String... devices) {
        return start(bed.guest(name).vcpus(1), "0x1", modules, devices);
    }

    /** Starts a guest with two processors, and a reactor on each. */
    static VfioGuest startWithTwoReactors(TestBed bed, String name, List<String> modules, String... devices) {
        return start(bed.guest(name).oneThread(), "0x3", modules, devices);
    }

    /** Starts a guest whose kernel gives devices by iommufd, and those that are behind no IOMMU. */
    static VfioGuest startWithIommufd(TestBed bed, String name, String... devices) {
        VfioGuest guest = start(bed.guest(name).vcpus(1).vfioKernel(), "0x1", List.of(), devices);
        guest.run("echo Y >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
        return guest;
    }

    /** Starts udev with the archive's rules, in a guest with iommufd, and makes the user whom they name as a package does. */
    void startUdev() {
        run("for file in passwd group; do cp /etc/$file /tmp/ && mount --bind /tmp/$file /etc/$file || exit 1; done;"
                + " mkdir -p /run/udev/rules.d && cp " + CHECKOUT + "/packaging/*.rules /run/udev/rules.d/ && " + UDEV
                + "systemd-udevd --daemon && echo ringside:x:950:950::/nonexistent:/bin/false >>/etc/passwd"
                + " && echo ringside:x:950: >>/etc/group && " + UDEVADM + "control --reload && " + UDEVADM
                + "trigger --subsystem-match=misc");
        awaitUdev();
    }

    /** Waits until udev has done what it was told to by now. */
    void awaitUdev() {
        run(UDEVADM + "settle --timeout=60");
    }

    private static VfioGuest start(Guest.Builder machine, String cores, List<String> modules, String... devices) {
        Guest guest = machine.memory(1536)
                .kernelArguments("intel_iommu=on no_timer_check " + FAST)
                .device("-machine", "kernel-irqchip=split", "-device", "intel-iommu,intremap=on,caching-mode=on")
                .device(
                        "-virtfs",
                        "local,path=" + Scripts.ROOT
                                + ",mount_tag=checkout,security_model=none,readonly=on,multidevs=remap")
                .device(devices)
                .start();
        guest.run("mkdir -p " + CHECKOUT + " && mount -t 9p -o"
                + " trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro checkout " + CHECKOUT + " && mkdir "
                + OPEN_CHECKOUT
                + " && mount --bind " + CHECKOUT + " " + OPEN_CHECKOUT);
        guest.run("chroot /proc/1/root modprobe -a vfio_pci vfio_iommu_type1 " + String.join(" ", modules));
        return new VfioGuest(guest, cores);
    }

    String run(String command) {
        return guest.run(command);
    }

    /** Runs a command of ours. */
    String ringside(String arguments) {
        return ringside(arguments, CLIENT);
    }

    /** Runs a command of ours that takes longer than others. */
    String ringside(String arguments, Duration patience) {
        return guest.run(RINGSIDE + arguments, patience);
    }

    /** Runs a command of ours, whatever its exit status. */
    Outcome tryRingside(String arguments) {
        return guest.tryRun(RINGSIDE + arguments, CLIENT);
    }

    /** Runs a program of testkit to its end, which has to be a good one, and prints what it says. */
    void program(String mainClass, String arguments) {
        Outcome outcome = guest.tryRun(
                "java=$(. " + CHECKOUT + "/scripts/jdk.sh; echo $JAVA_HOME)/bin/java; $java"
                        + " --enable-native-access=ALL-UNNAMED " + JVM + " -XX:+UseSerialGC -Xmx256m -cp "
                        + TestkitProgram.classPath(CHECKOUT) + " "
                        + mainClass + " " + arguments,
                LONG);
        System.out.println(outcome.output());
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    void startDaemon() {
        startDaemon("", "");
    }

    /**
     * Starts a daemon.
     *
     * @param prefix what runs the daemon's command line, such as setpriv; or nothing
     * @param options of the daemon, beside the usual
     */
    void startDaemon(String prefix, String options) {
        String ringside = prefix.isEmpty() ? RINGSIDE : ringsideIn(OPEN_CHECKOUT);
        run("(" + prefix + " " + ringside + "serve -m " + cores
                + " -S /tmp -r /tmp/rpc.sock --allow-faults --log-level DEBUG " + options
                + " >/tmp/daemon.out 2>/dev/ttyS0 & echo $! >/tmp/daemon.pid)");
        guest.run(
                "for i in $(seq 600); do grep -q '^ringside: ready' /tmp/daemon.out && exit 0; sleep 0.1; done; exit 1",
                CLIENT);
    }

    /** Ends the daemon as an operator does. */
    void stopDaemon() {
        guest.run(
                "kill -TERM $(cat /tmp/daemon.pid) && for i in $(seq 600); do [ -e /proc/$(cat /tmp/daemon.pid) ] || exit 0;"
                        + " sleep 0.1; done; exit 1",
                CLIENT);
    }

    /** What 'ringside bind' does, without the start of another JVM. */
    void bind(String address) {
        String device = "/sys/bus/pci/devices/" + address;
        run("echo vfio-pci >" + device + "/driver_override && { [ ! -e " + device + "/driver ] || echo " + address
                + " >" + device + "/driver/unbind; } && echo " + address + " >/sys/bus/pci/drivers_probe");
    }

    /** Calls a method of the daemon; its result. */
    JsonNode rpc(String method, Map<String, ?> params) {
        JsonNode answer = call(method, params);
        assertThat(answer.has("result")).as(method + ": " + answer).isTrue();
        return answer.get("result");
    }

    /** Calls a method of the daemon that is refused; the error. */
    JsonNode refusal(String method, Map<String, ?> params) {
        JsonNode answer = call(method, params);
        assertThat(answer.has("error")).as(method + ": " + answer).isTrue();
        return answer.get("error");
    }

    private JsonNode call(String method, Map<String, ?> params) {
        ObjectNode request = JsonSocket.JSON.createObjectNode().put("id", 1).put("method", method);
        request.set("params", JsonSocket.JSON.valueToTree(params));
        return JsonSocket.JSON.readTree(guest.run(RPC + "'" + request + "'", CLIENT));
    }

    /** Runs a verified load on a vhost-user controller to its end; what it says. */
    String load(String controller, int seconds) {
        return guest.run(RINGSIDE + loadArguments(controller, seconds), CLIENT);
    }

    /**
     * Begins a load without an end, and returns when the drive works at it.
     *
     * @param commands so many the drive has got so far
     */
    void startLoad(String controller, LongSupplier commands) {
        long before = commands.getAsLong();
        launchLoad(controller);
        Deadline deadline = Deadline.in(CLIENT);
        while (commands.getAsLong() < before + 100) {
            assertThat(deadline.nanosLeft()).as("time until the load runs").isPositive();
            run("sleep 0.5");
        }
    }

    /** Begins a load without an end, which runs when it is ready. */
    void launchLoad(String controller) {
        String log = loadLog(controller);
        run("rm -f " + log + ".*; (sh -c 'echo $$ >" + log + ".pid; exec " + RINGSIDE
                + loadArguments(controller, A_DAY_S) + "' >" + log + ".out 2>&1; echo $? >" + log
                + ".status) >/dev/null 2>&1 &");
    }

    /** Ends a load that was begun and has no fault so far, as an operator does: all that it wrote is right, and all ended well. */
    void endLoad(String controller) {
        assertThat(endLoad(controller, 1)).startsWith("0\n");
    }

    /** Ends a load of which requests fail by now. */
    void endFailingLoad(String controller) {
        assertThat(endLoad(controller, SOME_SECONDS)).startsWith("1\n");
    }

    /** Ends a load after some more seconds, if it has not ended by itself. */
    private String endLoad(String controller, int seconds) {
        String log = loadLog(controller);
        String told = "$(grep -c ' IOPS, ' " + log + ".out)";
        guest.run(
                "goal=$((" + told + " + " + seconds + ")); until [ -e " + log + ".status ] || [ " + told
                        + " -ge $goal ]; do sleep 0.1; done; kill -TERM $(cat " + log + ".pid) || [ -e " + log
                        + ".status ]",
                LONG);
        return loadResult(controller);
    }

    /** Waits for the end of the load of a controller that was begun; its exit status, and the last that it said. */
    private String loadResult(String controller) {
        String log = loadLog(controller);
        guest.run("for i in $(seq 1800); do [ -s " + log + ".status ] && exit 0; sleep 0.1; done; exit 1", LONG);
        return run("cat " + log + ".status; tail -5 " + log + ".out");
    }

    private static String ringsideIn(String checkout) {
        return "env RINGSIDE_JAVA_OPTS=" + JVM + " " + checkout + "/scripts/ringside ";
    }

    private static String loadLog(String controller) {
        return "/tmp/load." + controller;
    }

    private static String loadArguments(String controller, int seconds) {
        // The processors take turns: whoever waits for another one has to let it run.
        return "perf vhost -s /tmp/" + controller + " -p randrw -d 16 -b 4096 --range 1M --calls on --verify -w 0 -t "
                + seconds;
    }
}
