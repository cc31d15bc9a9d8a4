package dev.ringside.daemon.log;

import java.time.Instant;

/** A message of the log. */
public record LogLine(Instant time, String level, String component, String text) {}
