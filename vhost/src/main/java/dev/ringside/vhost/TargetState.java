package dev.ringside.vhost;

import dev.ringside.vhost.scsi.unit.UnitState;
import java.util.List;

/** What another process has to know to go on with all controllers and logical units, beside how they were made. */
public record TargetState(List<ControllerState> controllers, List<UnitState> units) {}
