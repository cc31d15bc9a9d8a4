package dev.ringside.rpc.server;

import dev.ringside.rpc.codec.JsonLimits;

/**
 * How much clients may ask of the server. Past one of these the client gets an error that names the
 * limit, and is then closed.
 *
 * @param request what a request, or a batch of them, may be
 * @param connections how many clients may be connected at a time
 * @param answerBytes how many bytes of answers may wait for one client to read them
 */
public record RpcLimits(JsonLimits request, int connections, int answerBytes) {
    /** 64 connections, 32 MiB of answers each. */
    public static final RpcLimits DEFAULT = new RpcLimits(JsonLimits.REQUEST, 64, 32 * 1024 * 1024);
}
