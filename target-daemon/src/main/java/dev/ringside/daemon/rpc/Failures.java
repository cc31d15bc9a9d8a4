package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodHandler;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.VhostException;

/** Turns what the layers below refuse into errors of JSON-RPC: the one place where that is decided. */
final class Failures {
    private Failures() {}

    /** The same handler, with refusals as JSON-RPC errors. */
    static MethodHandler mapped(MethodHandler handler) {
        return params -> {
            try {
                return handler.call(params);
            } catch (BdevException e) {
                throw RpcException.errno(e.errno(), String.valueOf(e.getMessage()));
            } catch (VhostException e) {
                throw RpcException.invalidParams(Errno.text(e.errno()) + ": " + e.getMessage());
            }
        };
    }

    /** What clients of vhost_delete_controller look for: with a connected guest it is EBUSY, and no bad parameter. */
    static MethodHandler mappedDeletion(MethodHandler handler) {
        return mapped(params -> {
            try {
                return handler.call(params);
            } catch (VhostException e) {
                if (e.errno() == Errno.EBUSY) {
                    throw RpcException.errno(Errno.EBUSY, String.valueOf(e.getMessage()));
                }
                throw e;
            }
        });
    }

    /** Refuses a feature of SPDK's that there is none of here; clients may say that they do not want it. */
    static void refuse(Params params, String feature, String why) {
        insist(params, feature, false, why);
    }

    /** Refuses the value of a switch of SPDK's that is not what happens here in any case. */
    static void insist(Params params, String name, boolean only, String why) {
        if (params.bool(name) != only) {
            throw RpcException.invalidParams("parameter '" + name + "' must be " + only + ": " + why);
        }
    }
}
