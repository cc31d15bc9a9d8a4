/**
 * The vhost-user protocol as bytes: headers, requests, payloads. Whether a message is well formed is decided here; whether
 * it is allowed now, and what it does, in {@link dev.ringside.vhost.session}.
 *
 * <p>Field names are those of QEMU's docs/interop/vhost-user.rst. Everything is in the host's byte order, which is little
 * endian on every machine that Ringside runs on.
 */
package dev.ringside.vhost.wire;
