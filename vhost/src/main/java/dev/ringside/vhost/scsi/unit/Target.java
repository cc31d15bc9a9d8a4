package dev.ringside.vhost.scsi.unit;

import java.util.List;

/** What a command is told about the target that it came through. */
public interface Target {

    /** The addresses of its logical units, in order, each eight bytes. */
    List<Long> addresses();

    /** REPORT LUNS has told the initiator of them: no unit attends to that any more (SPC-5, 6.33). */
    void reported();
}
