package dev.ringside.testkit.fuzz;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.scsi.reservation.TransportId;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Parameter lists that commands send, most of them right. */
final class ParameterLists {
    /** Bytes of the longest list. */
    static final int MOST = 800;

    private static final int UNMAP_HEADER = 8;
    private static final int UNMAP_DESCRIPTOR = 16;
    private static final int MOST_RANGES = 40;
    private static final int SPEC_I_PT = 0x08;
    private static final int MOST_PORTS = 30;

    private final Dice dice;

    ParameterLists(Dice dice) {
        this.dice = dice;
    }

    /** A list for an operation that sends one. */
    byte[] of(Operation operation) {
        byte[] list = switch (operation) {
            case UNMAP -> unmap();
            case MODE_SELECT_6 -> modes(4);
            case MODE_SELECT_10 -> modes(8);
            case PERSISTENT_RESERVE_OUT_REGISTER_AND_MOVE ->
                new ReserveOutList.Move(key(), key(), dice.coin(), persists(), dice.below(4), port()).bytes();
            default -> reservation();
        };
        if (list.length > 0 && dice.oneIn(6)) {
            list[dice.below(list.length)] = (byte) dice.edge();
        }
        return dice.oneIn(8) ? Arrays.copyOf(list, dice.below(dice.oneIn(4) ? MOST : list.length + 1)) : list;
    }

    /** SBC-4, 5.31.2. */
    private byte[] unmap() {
        int ranges = dice.oneIn(8) ? dice.below(MOST_RANGES) : dice.below(4);
        byte[] list = new byte[UNMAP_HEADER + ranges * UNMAP_DESCRIPTOR];
        BigEndian.put16(list, 0, list.length - 2);
        BigEndian.put16(list, 2, ranges * UNMAP_DESCRIPTOR);
        for (int at = UNMAP_HEADER; at < list.length; at += UNMAP_DESCRIPTOR) {
            int blocks = dice.below(64);
            boolean edge = dice.oneIn(16);
            BigEndian.put64(list, at, edge ? dice.edge() : dice.below(ScsiCommands.BLOCKS - blocks + 1));
            BigEndian.put32(list, at + 8, edge ? dice.edge() : blocks);
        }
        return list;
    }

    /** SPC-5, 7.5.1: a header, perhaps a block descriptor, and pages, with or without what can be changed. */
    private byte[] modes(int headerBytes) {
        byte[] header = new byte[headerBytes];
        int descriptor = dice.oneIn(4) ? dice.pick(8, 16) : 0;
        header[headerBytes - 1] = (byte) descriptor;
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.writeBytes(header);
        byte[] blocks = new byte[descriptor];
        if (descriptor == 8 && dice.coin()) {
            BigEndian.put32(blocks, 0, ScsiCommands.BLOCKS);
            BigEndian.put32(blocks, 4, ScsiCommands.BLOCK);
        }
        list.writeBytes(blocks);
        ModeParameters parameters = new ModeParameters(true, dice.coin(), dice.coin(), dice.oneIn(16));
        for (int i = dice.below(4); i > 0; i--) {
            list.writeBytes(parameters.page(dice.pick(0x01, 0x08, 0x0a, 0x1c), ModeParameters.Control.CURRENT));
        }
        return list.toByteArray();
    }

    /** SPC-5, 6.17.3. */
    private byte[] reservation() {
        byte[] plain = ReserveOutList.bytes(key(), key(), dice.oneIn(4), persists());
        if (!dice.oneIn(6)) {
            return plain;
        }
        int ports = dice.oneIn(4) ? dice.below(MOST_PORTS) : dice.below(3);
        byte[] list = Arrays.copyOf(plain, plain.length + 4 + ports * TransportId.BYTES);
        list[20] |= SPEC_I_PT;
        BigEndian.put32(list, plain.length, (long) ports * TransportId.BYTES);
        for (int i = 0; i < ports; i++) {
            int at = plain.length + 4 + i * TransportId.BYTES;
            System.arraycopy(TransportId.sas(port()), 0, list, at, TransportId.BYTES);
        }
        return list;
    }

    /** One of a few keys, so that it is often the one that is registered. */
    private long key() {
        return dice.oneIn(16) ? dice.edge() : dice.below(3);
    }

    /** Seldom: what persists is written to the host's disk. */
    private boolean persists() {
        return dice.oneIn(64);
    }

    /** The name of an initiator port. */
    private byte[] port() {
        return dice.coin() ? new byte[] {0x50, 0, 0, 0, 0, 0, 0, (byte) dice.below(3)} : dice.bytes(8);
    }
}
