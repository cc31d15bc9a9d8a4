/** Linux from Java, through the Foreign Function and Memory API. */
module dev.ringside.env {
    requires static transitive org.jspecify;

    exports dev.ringside.env.dma;
    exports dev.ringside.env.linux;
    exports dev.ringside.env.pci;
    exports dev.ringside.env.reactor;
    exports dev.ringside.env.uring;
    exports dev.ringside.env.vfio;
}
