package dev.ringside.rpc.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.Execution;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.rpc.schema.MethodSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MethodRegistryTest {
    private final MethodRegistry registry = new MethodRegistry(FrameworkState.STARTUP);

    @BeforeEach
    void methods() {
        registry.register(MethodSpec.method("early", "Early.").startupOnly().build(), p -> Json.done());
        registry.register(
                MethodSpec.method("late", "Late.")
                        .alias("old_late")
                        .concurrent()
                        .build(),
                p -> Json.string("late"));
        registry.register(MethodSpec.method("always", "Always.").anyState().build(), p -> {
            throw new IllegalStateException("a fault");
        });
    }

    @Test
    void stateDecides() {
        assertThat(registry.call("early", null)).isEqualTo(Json.done());
        assertCode("late", -1, "late may be called only after framework_start_init");
        registry.enter(FrameworkState.RUNTIME);
        assertThat(registry.call("late", Json.object())).isEqualTo(Json.string("late"));
        assertThat(registry.call("old_late", null)).isEqualTo(Json.string("late"));
        assertCode("early", -1, "early may be called only before framework_start_init");
        assertCode("nothing", -32601, "Method not found: 'nothing'");
    }

    @Test
    void faultsAreOurs() {
        assertCode("always", -32603, "Internal error in always; the daemon's log says more");
    }

    @Test
    void listsMethods() {
        assertThat(Json.text(registry.call("rpc_get_methods", null)))
                .isEqualTo("[\"always\",\"early\",\"late\",\"rpc_get_methods\"]");
        assertThat(Json.text(registry.call("rpc_get_methods", Json.object().put("current", true))))
                .isEqualTo("[\"always\",\"early\",\"rpc_get_methods\"]");
        assertThat(Json.text(registry.call("rpc_get_methods", Json.object().put("include_aliases", true))))
                .isEqualTo("[\"always\",\"early\",\"late\",\"old_late\",\"rpc_get_methods\"]");
    }

    @Test
    void namesAreUnique() {
        MethodSpec again = MethodSpec.method("old_late", "Again.").build();
        assertThatThrownBy(() -> registry.register(again, p -> Json.done()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void declarationsAreListedOnce() {
        assertThat(registry.specs())
                .extracting(MethodSpec::name)
                .containsExactly("always", "early", "late", "rpc_get_methods");
        assertThat(registry.execution("old_late")).isEqualTo(Execution.CONCURRENT);
        assertThat(registry.execution("early")).isEqualTo(Execution.ORDERED);
    }

    private void assertCode(String method, int code, String message) {
        RpcException e = catchThrowableOfType(RpcException.class, () -> registry.call(method, null));
        assertThat(e.code()).isEqualTo(code);
        assertThat(e).hasMessage(message);
    }
}
