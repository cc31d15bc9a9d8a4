package dev.ringside.daemon.rpc;

import dev.ringside.env.pci.PciAddress;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;

/** Addresses of PCI functions, as SPDK's parameter traddr has them. */
final class PciParams {
    private PciParams() {}

    static ParamType address() {
        return ParamType.string(7, 16);
    }

    static PciAddress address(Params params) {
        return parsed(params.string("traddr"));
    }

    static PciAddress parsed(String text) {
        return PciAddress.parse(text)
                .orElseThrow(() -> RpcException.invalidParams(
                        "parameter 'traddr' must be a PCI address such as 0000:3b:00.0, not " + text));
    }
}
