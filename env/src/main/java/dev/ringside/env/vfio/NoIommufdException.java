package dev.ringside.env.vfio;

import dev.ringside.env.linux.LinuxException;

/** The kernel does not give a device by iommufd. Nothing was mapped, and the device may still be got by its group. */
final class NoIommufdException extends LinuxException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what failed.
     *
     * @param node what it failed on
     */
    NoIommufdException(String node, LinuxException cause) {
        super(cause.call(), node, cause.errno());
        initCause(cause);
    }
}
