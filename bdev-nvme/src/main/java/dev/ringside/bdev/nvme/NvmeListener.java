package dev.ringside.bdev.nvme;

/** Who is told what a controller does of itself. Called on the controller's thread, and must not wait for it. */
public interface NvmeListener {

    /** There is a new namespace. */
    void namespaceAdded(NvmeBdev bdev);

    /** A namespace has gone, or is not one that can be driven any more. */
    void namespaceRemoved(NvmeBdev bdev);

    /** A namespace has another capacity; {@link NvmeBdev#info} says it. */
    void namespaceResized(NvmeBdev bdev);

    /** The controller was taken away: what was in flight has failed. Its bdevs are to be closed, and it is too. */
    void controllerRemoved(NvmeController controller);
}
