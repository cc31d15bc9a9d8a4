package dev.ringside.qemu;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What every guest boots, and how fast its processor is emulated.
 *
 * @param kernel a bzImage
 * @param initramfs a cpio archive whose init speaks the protocol of {@link GuestShell}
 * @param accelerator the value of QEMU's {@code -accel}
 */
record GuestImage(Path kernel, Path initramfs, String accelerator) {
    private static @Nullable GuestImage made;

    /** The image, built by {@code scripts/guest-image.sh} when it is not in the cache. */
    static synchronized GuestImage get() {
        GuestImage image = made;
        if (image == null) {
            Path folder = Path.of(Scripts.lastLine(Duration.ofMinutes(20), "guest-image.sh"));
            String accelerator = Scripts.lastLine(Duration.ofMinutes(1), "guest-accel.sh");
            image = new GuestImage(folder.resolve("vmlinuz"), folder.resolve("initramfs"), accelerator);
            made = image;
        }
        return image;
    }
}
