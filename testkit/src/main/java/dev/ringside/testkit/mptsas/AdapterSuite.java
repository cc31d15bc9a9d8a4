package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.mptsas.MptsasProvider;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.testkit.scsi.HostDriverSuite;
import dev.ringside.testkit.scsi.HostSubject;

/** The suite of drivers as a program, on an adapter that vfio-pci has: for a guest that has no JUnit. */
public final class AdapterSuite {
    private AdapterSuite() {}

    /** Takes a PCI address; the exit status is 0 if every check passed. Data on the first disk is lost. */
    public static void main(String[] args) {
        PciAddress address = PciAddress.parse(args[0]).orElseThrow();
        int failed = HostDriverSuite.run(new OnAdapter(new MptsasProvider(), address), System.out);
        System.out.println(failed == 0 ? "suite: passed" : "suite: " + failed + " checks failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    private record OnAdapter(ScsiHostDriverProvider provider, PciAddress address) implements HostSubject {
        @Override
        public String name() {
            return provider.name() + " at " + address;
        }

        @Override
        public ScsiHostDriver create(DmaSpace dma) throws Exception {
            return provider.open(
                    new VfioHost(dma).open(new PciBus().find(address).orElseThrow()));
        }
    }
}
