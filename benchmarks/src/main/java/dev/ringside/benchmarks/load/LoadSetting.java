package dev.ringside.benchmarks.load;

/** How requests get to what is loaded. */
public sealed interface LoadSetting permits RingSetting, BdevSetting, HardwareSetting {}
