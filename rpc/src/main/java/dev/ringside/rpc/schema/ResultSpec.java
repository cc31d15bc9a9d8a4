package dev.ringside.rpc.schema;

/**
 * What a method returns.
 *
 * @param shape the JSON in short: {@code true}, {@code [name]}, <code>{version, fields{major, minor}}</code>
 * @param sentence what it means
 */
public record ResultSpec(String shape, String sentence) {
    /** {@code true}: it is done. */
    public static final ResultSpec DONE = new ResultSpec("true", "Done.");
}
