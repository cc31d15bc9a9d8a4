/** JSON-RPC 2.0 over a UNIX socket: codec, server, client, method registry, schema. */
module dev.ringside.rpc {
    requires static transitive org.jspecify;
    requires transitive tools.jackson.databind;
    requires org.slf4j;
}
