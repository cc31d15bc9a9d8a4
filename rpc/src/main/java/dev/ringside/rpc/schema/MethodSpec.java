package dev.ringside.rpc.schema;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A method, declared once: decoding, the reference in docs/rpc.md and the command line follow from it.
 *
 * @param name noun_verb_object in snake_case
 * @param aliases older names that call the same method
 * @param summary one sentence
 * @param params in the order in which the documents list them
 * @param result what it returns
 * @param states when it may be called; at least one
 * @param execution how it relates to the other requests of the same connection
 */
public record MethodSpec(
        String name,
        List<String> aliases,
        String summary,
        List<ParamSpec> params,
        ResultSpec result,
        Set<FrameworkState> states,
        Execution execution) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    /** Checks names, copies lists. */
    public MethodSpec {
        aliases = List.copyOf(aliases);
        params = List.copyOf(params);
        states = Set.copyOf(states);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no name for a method: " + name);
        }
        if (states.isEmpty()) {
            throw new IllegalArgumentException(name + " can be called in no state");
        }
        if (params.stream().map(ParamSpec::name).distinct().count() != params.size()) {
            throw new IllegalArgumentException(name + " declares a parameter twice");
        }
    }

    /** Starts the declaration of a method that, unless told otherwise, is for the runtime, ordered, and returns true. */
    public static Builder method(String name, String summary) {
        return new Builder(name, summary);
    }

    /** The declared parameter of that name. */
    public Optional<ParamSpec> param(String paramName) {
        return params.stream().filter(p -> p.name().equals(paramName)).findFirst();
    }

    /** Collects what belongs to a declaration. */
    public static final class Builder {
        private final String name;
        private final String summary;
        private final List<String> aliases = new ArrayList<>();
        private final List<ParamSpec> params = new ArrayList<>();
        private ResultSpec result = ResultSpec.DONE;
        private Set<FrameworkState> states = EnumSet.of(FrameworkState.RUNTIME);
        private Execution execution = Execution.ORDERED;

        private Builder(String name, String summary) {
            this.name = name;
            this.summary = summary;
        }

        /** An older name for it. */
        public Builder alias(String alias) {
            aliases.add(alias);
            return this;
        }

        /** One more parameter. */
        public Builder param(ParamSpec param) {
            params.add(param);
            return this;
        }

        /** One more parameter, which must be given. */
        public Builder required(String paramName, ParamType type, String sentence) {
            return param(ParamSpec.required(paramName, type, sentence));
        }

        /** One more parameter, whose absence the handler sees. */
        public Builder optional(String paramName, ParamType type, String sentence) {
            return param(ParamSpec.optional(paramName, type, sentence));
        }

        /** What it returns, if not true. */
        public Builder returns(String shape, String sentence) {
            result = new ResultSpec(shape, sentence);
            return this;
        }

        /** May be called before framework_start_init only. */
        public Builder startupOnly() {
            states = EnumSet.of(FrameworkState.STARTUP);
            return this;
        }

        /** May be called at any time. */
        public Builder anyState() {
            states = EnumSet.allOf(FrameworkState.class);
            return this;
        }

        /** May take long or wait for something: requests that follow on the connection do not wait for it. */
        public Builder concurrent() {
            execution = Execution.CONCURRENT;
            return this;
        }

        /** The declaration. */
        public MethodSpec build() {
            return new MethodSpec(name, aliases, summary, params, result, states, execution);
        }
    }
}
