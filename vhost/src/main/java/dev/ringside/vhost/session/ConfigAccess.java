package dev.ringside.vhost.session;

import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.wire.ConfigSpace;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** GET_CONFIG and SET_CONFIG: a front end's view of a device's config space. Owned by the session's thread. */
final class ConfigAccess {
    private final VirtioDevice device;

    ConfigAccess(VirtioDevice device) {
        this.device = device;
    }

    /**
     * The answer to GET_CONFIG: as long as its payload, since some front ends send, and expect back, the greatest length
     * whatever they ask for.
     *
     * @throws ProtocolException if what is asked for is not in the config space, or not in the payload
     */
    MemorySegment read(Message message, Arena arena) throws ProtocolException {
        long offset = Integer.toUnsignedLong(message.u32(ConfigSpace.OFFSET));
        long size = Integer.toUnsignedLong(message.u32(ConfigSpace.SIZE));
        long payload = message.payload().byteSize();
        if (size > payload - ConfigSpace.DATA || offset + size > VirtioDevice.CONFIG_BYTES) {
            throw new ProtocolException("GET_CONFIG of " + size + " bytes at " + offset + ": inside "
                    + VirtioDevice.CONFIG_BYTES + " bytes is allowed, with a payload that has room for it");
        }
        MemorySegment config = arena.allocate(VirtioDevice.CONFIG_BYTES, Long.BYTES);
        device.readConfig(config);
        MemorySegment reply = arena.allocate(payload, Integer.BYTES);
        MemorySegment.copy(message.payload(), 0, reply, 0, ConfigSpace.DATA);
        MemorySegment.copy(config, offset, reply, ConfigSpace.DATA, size);
        return reply;
    }

    /**
     * SET_CONFIG.
     *
     * @throws ProtocolException if the bytes are not in the payload, or the device does not allow them
     */
    void write(Message message) throws ProtocolException {
        long size = Integer.toUnsignedLong(message.u32(ConfigSpace.SIZE));
        if (size > message.payload().byteSize() - ConfigSpace.DATA) {
            throw new ProtocolException("SET_CONFIG of " + size + " bytes in a payload of "
                    + message.payload().byteSize() + ": " + ConfigSpace.DATA + " bytes come before them");
        }
        device.writeConfig(
                Integer.toUnsignedLong(message.u32(ConfigSpace.OFFSET)),
                message.payload().asSlice(ConfigSpace.DATA, size));
    }
}
