package dev.ringside.vhost;

/**
 * A front end that is connected to a controller.
 *
 * @param vid number of the connection, unique in the process
 * @param id number of the connection in its controller
 * @param started whether one of its rings runs
 * @param maxQueues how many of its rings run
 * @param inFlight requests that were taken and have not ended
 */
public record SessionStatus(int vid, int id, String name, boolean started, int maxQueues, int inFlight) {}
