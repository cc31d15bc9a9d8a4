package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.env.reactor.ControlThread;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a host's control thread looks after. */
final class HostDuty implements ControlThread.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);

    private final ScsiHost host;

    HostDuty(ScsiHost host) {
        this.host = host;
    }

    @Override
    public void tick() throws IOException {
        host.tick();
    }

    @Override
    public void trouble(IOException problem) {
        host.trouble(problem);
    }

    @Override
    public IOException vanished(InternalError error) {
        return new ScsiHostException(Kind.GONE, "its registers are not there: " + error);
    }

    @Override
    public void defect(Throwable thrown) {
        LOG.error("{}: a defect of the driver", host.name(), thrown);
    }

    @Override
    public IOException ended() {
        return new ScsiHostException(Kind.GONE, host.name() + " is " + host.state());
    }
}
