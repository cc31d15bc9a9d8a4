package dev.ringside.daemon.rpc;

import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.Arrays;
import java.util.Locale;

/** Constants of an enum as clients spell them: in small letters. */
final class EnumParam {
    private EnumParam() {}

    static String spelled(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Any of them. */
    static ParamType choice(Enum<?>... values) {
        return ParamType.choice(Arrays.stream(values).map(EnumParam::spelled).toArray(String[]::new));
    }

    /** The one that a parameter names, whose type is a {@link #choice} of them. */
    static <T extends Enum<T>> T of(Class<T> type, Params params, String name) {
        return of(type, params.string(name));
    }

    /** The one that is spelled so; it is known that there is one. */
    static <T extends Enum<T>> T of(Class<T> type, String spelled) {
        return Enum.valueOf(type, spelled.toUpperCase(Locale.ROOT));
    }
}
