/** JSON-RPC 2.0 over a UNIX socket: codec, server, client, method registry, schema. */
module dev.ringside.rpc {
    requires static transitive org.jspecify;
    requires transitive tools.jackson.databind;
    requires jdk.net;
    requires org.slf4j;

    exports dev.ringside.rpc.client;
    exports dev.ringside.rpc.codec;
    exports dev.ringside.rpc.error;
    exports dev.ringside.rpc.method;
    exports dev.ringside.rpc.schema;
    exports dev.ringside.rpc.server;
}
