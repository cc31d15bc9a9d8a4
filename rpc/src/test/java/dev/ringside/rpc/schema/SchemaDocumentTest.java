package dev.ringside.rpc.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaDocumentTest {
    @Test
    void rendersEachMethod() {
        MethodSpec second = MethodSpec.method("b_method", "Does b.")
                .alias("old_b")
                .required("name", ParamType.choice("x", "y|z"), "The name.")
                .param(ParamSpec.optional("count", ParamType.integer(1, 9), 3, "How many."))
                .optional(
                        "item", ParamType.object(ParamSpec.required("id", ParamType.uint32(), "Its id.")), "The item.")
                .returns("[name]", "The names.")
                .startupOnly()
                .build();
        MethodSpec first = MethodSpec.method("a_method", "Does a.").anyState().build();
        String text = SchemaDocument.render(List.of(second, first));
        assertThat(text)
                .isEqualTo(SchemaDocument.render(List.of(first, second)))
                .contains(
                        "- [a_method](#a_method)\n- [b_method](#b_method)\n",
                        "## a_method\n\nDoes a.\n\nNo parameters.\n\nResult: `true`. Done.\n\nState: startup and runtime.\n",
                        "Also known as `old_b`.",
                        "| `name` | one of \"x\", \"y\\|z\" | required | The name. |\n",
                        "| `count` | an integer from 1 to 9 | `3` | How many. |\n",
                        "| `item` | an object with id | optional | The item. |\n",
                        "| `item.id` | an integer from 0 to 4294967295 | required | Its id. |\n",
                        "Result: `[name]`. The names.\n\nState: startup.\n");
    }
}
