package dev.ringside.rpc.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.rpc.codec.Json;
import org.junit.jupiter.api.Test;

class RpcExceptionTest {
    @Test
    void errnoIsNegativeWithItsText() {
        assertThat(Json.text(RpcException.errno(19).toJson()))
                .isEqualTo("{\"code\":-19,\"message\":\"No such device\"}");
        assertThat(RpcException.errno(17)).hasMessage("File exists");
        assertThat(RpcException.errno(16)).hasMessage("Device or resource busy");
        assertThat(RpcException.errno(16, "Malloc0")).hasMessage("Device or resource busy: Malloc0");
    }

    @Test
    void vhostFailuresAreInvalidParameters() {
        assertThat(RpcException.vhost(17).code()).isEqualTo(-32602);
        assertThat(RpcException.vhost(17)).hasMessage("File exists");
    }

    @Test
    void textsStandAtTheirNumbers() {
        assertThat(Errno.text(Errno.ENOENT)).isEqualTo("No such file or directory");
        assertThat(Errno.text(Errno.EINVAL)).isEqualTo("Invalid argument");
        assertThat(Errno.text(Errno.ENOTSUP)).isEqualTo("Operation not supported");
        assertThat(Errno.text(Errno.ETIMEDOUT)).isEqualTo("Connection timed out");
        assertThat(Errno.text(133)).isEqualTo("Memory page has hardware error");
        assertThat(Errno.text(134)).isEqualTo("Unknown error 134");
        assertThat(Errno.text(-3)).isEqualTo("Unknown error -3");
    }

    @Test
    void dataIsPassedOn() {
        assertThat(Json.text(new RpcException(-5, "m", Json.done()).toJson()))
                .isEqualTo("{\"code\":-5,\"message\":\"m\",\"data\":true}");
    }
}
