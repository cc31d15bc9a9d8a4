package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.proxy.ConfigHeader;
import dev.ringside.testkit.proxy.ProxyMonitor;
import dev.ringside.testkit.proxy.ProxyServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Models as PCI functions of a guest, whose kernel drives them: a program that gives them to a QEMU that has not started its
 * guest yet, starts it, and serves until QEMU ends. Then it prints what the driver did that a model thinks wrong. Meanwhile it reads
 * lines: {@code remove ADAPTER DISK} has a disk go, and {@code add ADAPTER DISK} plugs one with blocks of 512 bytes into the adapter
 * itself; adapters count from 0, and a disk of the same number is the same disk.
 */
public final class AdapterForGuest {
    private static final int BROADCOM = 0x1000 << 16;
    private static final int SAS_CONTROLLER = 0x0107;
    private static final int DISK_BLOCKS = 65_536;
    private static final int BAR_BYTES = 64 << 10;

    private final Mpt3Model model;
    private final UnixConnection proxyEnd;
    private final Thread serving;

    /** An adapter that is a model. */
    private enum Kind {
        SAS3008(0x0097),
        SAS3816(0x00e6);

        final int device;

        Kind(int device) {
            this.device = device;
        }

        /** Disks with blocks of 512 and 4096 bytes at the adapter itself, and behind two expanders in a row. */
        Mpt3Settings settings() {
            int first = ordinal() * 3 + 1;
            Mpt3Settings settings = Mpt3Settings.plain()
                    .withCredit(512)
                    .withShelves(List.of(
                            new Shelf(0, List.of(new Disk(first, 512, DISK_BLOCKS, false))),
                            new Shelf(0, List.of(new Disk(first + 1, 4096, 8_192, false))),
                            new Shelf(1, List.of(new Disk(first + 2, 512, DISK_BLOCKS, true)))));
            return this == SAS3816 ? settings.atomicQueues(1) : settings;
        }
    }

    private AdapterForGuest(Kind kind) throws LinuxException {
        ModelMemory memory = new ModelMemory();
        model = new Mpt3Model(kind.settings(), new DmaSpace(), memory);
        // Whether the guest's driver allows it to reach memory is in the configuration space of the proxy.
        model.busMaster(true);
        Registers registers = model.bar(1);
        UnixConnection[] ends = UnixConnection.pair();
        proxyEnd = ends[1];
        ConfigHeader config = new ConfigHeader(BROADCOM | kind.device, SAS_CONTROLLER, BAR_BYTES);
        ProxyServer server = new ProxyServer(ends[0], config, registers, memory, () -> resetMessageUnit(registers));
        serving = Thread.ofPlatform().name(kind.name()).start(server);
    }

    private static void resetMessageUnit(Registers registers) {
        registers.write32(
                Doorbell.DOORBELL, Message.FUNCTION_IOC_MESSAGE_UNIT_RESET << Doorbell.DOORBELL_FUNCTION_SHIFT);
    }

    /** Does what is asked for until there is nobody who asks. */
    private static void obey(BufferedReader orders, List<AdapterForGuest> adapters) {
        try (orders) {
            for (String line = orders.readLine(); line != null; line = orders.readLine()) {
                String[] words = line.split(" ", -1);
                Mpt3Model model = adapters.get(Integer.parseInt(words[1])).model;
                int disk = Integer.parseInt(words[2]);
                switch (words[0]) {
                    case "remove" -> model.hotPlug().remove(disk);
                    case "add" -> model.hotPlug().add(new Disk(disk, 512, DISK_BLOCKS, false));
                    default -> throw new IllegalArgumentException(line);
                }
                System.out.println("done: " + line);
            }
        } catch (IOException | RuntimeException e) {
            System.out.println("violation: " + e);
        }
    }

    /** Takes the socket of QEMU's monitor, and for each adapter a bus and what it is: "SAS3008" or "SAS3816". */
    public static void main(String[] args) throws Exception {
        List<AdapterForGuest> adapters = new ArrayList<>();
        try (ProxyMonitor monitor = new ProxyMonitor(Path.of(args[0]))) {
            for (int i = 1; i < args.length; i += 2) {
                AdapterForGuest adapter = new AdapterForGuest(Kind.valueOf(args[i + 1]));
                monitor.plug(adapter.proxyEnd.fd(), args[i]);
                adapter.proxyEnd.close();
                adapters.add(adapter);
            }
            monitor.startGuest();
        }
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Thread.ofPlatform().daemon().name("orders").start(() -> obey(orders, adapters));
        for (AdapterForGuest adapter : adapters) {
            adapter.serving.join();
            adapter.model.violations().forEach(each -> System.out.println("violation: " + each));
        }
        System.out.println("adapters: done");
    }
}
