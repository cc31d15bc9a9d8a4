package dev.ringside.bdev.nvme;

import dev.ringside.env.reactor.ControlThread;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a controller's thread looks after. */
final class ControllerDuty implements ControlThread.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);

    private final NvmeController controller;

    ControllerDuty(NvmeController controller) {
        this.controller = controller;
    }

    @Override
    public void tick() throws IOException {
        controller.tick();
    }

    @Override
    public void trouble(IOException problem) {
        controller.trouble(problem);
    }

    @Override
    public IOException vanished(InternalError error) {
        return new NvmeException(NvmeException.Kind.GONE, "its registers are not there: " + error);
    }

    @Override
    public void defect(Throwable thrown) {
        LOG.error("{}: a defect of the driver", controller.name(), thrown);
    }

    @Override
    public IOException ended() {
        return new NvmeException(NvmeException.Kind.GONE, controller.name() + " is " + controller.state());
    }
}
