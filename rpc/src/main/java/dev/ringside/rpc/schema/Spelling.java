package dev.ringside.rpc.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How a method is called on a command line. Each parameter can be given as an option of its name, {@code --block-size 512}; a
 * spelling says which can also stand without a name, and which have further options.
 *
 * @param operands what words without a name mean, in their order; those that were given otherwise are passed over
 * @param aliases further options, with their hyphens
 */
public record Spelling(List<Operand> operands, Map<String, Alias> aliases) {
    private static final String MEBIBYTES = ":MiB";

    /** Copies both. */
    public Spelling {
        operands = List.copyOf(operands);
        aliases = new LinkedHashMap<>(aliases);
    }

    /**
     * A word without a name.
     *
     * @param param the parameter that it is, or becomes
     * @param required whether it must be given
     * @param mebibytes whether it is a size in MiB, possibly with a fraction, of which the number of blocks is made with the
     *     parameter block_size
     */
    public record Operand(String param, boolean required, boolean mebibytes) {
        /** What the operand is called in texts. */
        public String label() {
            return mebibytes ? "total_size" : param;
        }
    }

    /**
     * A further option.
     *
     * @param param the parameter that it sets
     * @param negated whether it stands without a value and sets the parameter to false
     */
    public record Alias(String param, boolean negated) {}

    /** Of a method that nobody has said anything about: its required parameters are its operands. */
    public static Spelling ofRequired(MethodSpec method) {
        return new Spelling(
                method.params().stream()
                        .filter(ParamSpec::required)
                        .map(param -> new Operand(param.name(), true, false))
                        .toList(),
                Map.of());
    }

    /**
     * Reads one in short: {@code name} and {@code [name]} are operands, {@code num_blocks:MiB} is one that is a size,
     * {@code -b=name} is an alias, {@code --no-hotplug=!enable} one that sets a parameter to false.
     */
    public static Spelling parse(String text) {
        List<Operand> operands = new ArrayList<>();
        Map<String, Alias> aliases = new LinkedHashMap<>();
        for (String word : text.strip().split(" +", -1)) {
            int equals = word.indexOf('=');
            if (word.startsWith("-") && equals > 0) {
                boolean negated = word.charAt(equals + 1) == '!';
                aliases.put(word.substring(0, equals), new Alias(word.substring(equals + (negated ? 2 : 1)), negated));
            } else if (word.startsWith("[")) {
                operands.add(new Operand(word.substring(1, word.length() - 1), false, false));
            } else if (word.endsWith(MEBIBYTES)) {
                operands.add(new Operand(word.substring(0, word.length() - MEBIBYTES.length()), true, true));
            } else if (!word.isEmpty()) {
                operands.add(new Operand(word, true, false));
            }
        }
        return new Spelling(operands, aliases);
    }

    /** What an option means that is not the name of a parameter. */
    public Optional<Alias> alias(String option) {
        return Optional.ofNullable(aliases.get(option));
    }

    /** The parameters that it mentions and the method does not have; none if the spelling fits. */
    public Iterable<String> unknownTo(MethodSpec method) {
        TreeSet<String> unknown = new TreeSet<>();
        operands.forEach(operand -> unknown.add(operand.param()));
        aliases.values().forEach(alias -> unknown.add(alias.param()));
        method.params().forEach(param -> unknown.remove(param.name()));
        return unknown;
    }

    /** The option of a parameter's own name. */
    public static String option(String param) {
        return "--" + param.replace('_', '-');
    }
}
