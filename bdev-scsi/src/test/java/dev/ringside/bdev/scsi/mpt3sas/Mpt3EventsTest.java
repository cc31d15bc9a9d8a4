package dev.ringside.bdev.scsi.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events in an order that no model has of itself. */
class Mpt3EventsTest implements ScsiTopology {
    private static final int HANDLE = 11;

    private final List<String> told = new ArrayList<>();
    private final SasTargets targets = new SasTargets();
    private final Mpt3Events events = new Mpt3Events(this, targets, new QueueShape(1, 8, 128, 128, 8, 1, 8));

    /** A list of topology changes with one entry. */
    private void tell(int handle, int reason) {
        MemorySegment reply = MemorySegment.ofArray(new byte[128]);
        Fields.put16(reply, EventMessage.EVENT, Event.SAS_TOPOLOGY_CHANGE_LIST);
        Fields.put8(reply, EventMessage.DATA + Event.TOPO_NUM_ENTRIES, 1);
        long entry = EventMessage.DATA + Event.TOPO_ENTRIES;
        Fields.put16(reply, entry, handle);
        Fields.put8(reply, entry + Event.ENTRY_PHY_STATUS, reason);
        events.take(reply, 0);
    }

    private void assertToBeRemoved() {
        assertThat(events.hasRemoved()).isTrue();
        assertThat(events.nextRemoved()).isEqualTo(HANDLE);
        assertThat(events.hasRemoved()).isFalse();
    }

    @Test
    void aDeviceIsRemovedOnceHoweverOftenItIsSaidToHaveGone() {
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        assertToBeRemoved();
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        assertThat(events.hasRemoved()).as("its removal is under way").isFalse();
    }

    @Test
    void anotherDeviceWithTheHandleOfOneThatWasRemovedIsRemoved() {
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        assertToBeRemoved();
        events.removalEnded();
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        assertToBeRemoved();
    }

    @Test
    void anotherDeviceMayHaveTheHandleBeforeTheReplyToTheRemoval() {
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        assertToBeRemoved();
        tell(HANDLE, Event.RC_TARG_ADDED);
        tell(HANDLE, Event.RC_TARG_NOT_RESPONDING);
        events.removalEnded();
        assertToBeRemoved();
        assertThat(told).containsOnly("changed").hasSize(3);
    }

    @Override
    public void changed() {
        told.add("changed");
    }

    @Override
    public void removed(ScsiTarget target) {
        told.add("removed " + target);
    }

    @Override
    public void disturbed(ScsiTarget target) {
        told.add("disturbed " + target);
    }

    @Override
    public void failed(String why) {
        told.add("failed " + why);
    }
}
