package dev.ringside.daemon.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads configurations in SPDK's layout:
 *
 * <pre>{"subsystems": [{"subsystem": "bdev", "config": [{"method": "...", "params": {...}}, ...]}, ...]}</pre>
 *
 * Comments are allowed, as SPDK allows them. What is not in the layout is an error that says where it stands.
 */
public final class ConfigFile {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                    .build())
            .build();

    private final String name;
    private final JsonParser parser;
    private final List<ConfigEntry> entries = new ArrayList<>();

    private ConfigFile(String name, JsonParser parser) {
        this.name = name;
        this.parser = parser;
    }

    /**
     * Reads a file.
     *
     * @return its calls, in their order
     * @throws ConfigException if the file cannot be read or is not a configuration
     */
    public static List<ConfigEntry> read(Path file) throws ConfigException {
        return parse(file.toString(), bytes(file));
    }

    /**
     * What is in a file.
     *
     * @throws ConfigException if it cannot be read
     */
    public static byte[] bytes(Path file) throws ConfigException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file + ": there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new ConfigException(file + ": permission denied", e);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a configuration.
     *
     * @param name of the file, for messages
     * @return its calls, in their order
     * @throws ConfigException if it is not a configuration
     */
    public static List<ConfigEntry> parse(String name, byte[] bytes) throws ConfigException {
        return parse(name, bytes, ConfigFile::root);
    }

    /**
     * Reads a subsystem alone: an object with the members subsystem and config.
     *
     * @param name of the file, for messages
     * @return its calls, in their order
     * @throws ConfigException if it is not a subsystem
     */
    public static List<ConfigEntry> parseSubsystem(String name, byte[] bytes) throws ConfigException {
        return parse(name, bytes, ConfigFile::subsystem);
    }

    private interface Layout {
        void read(ConfigFile file) throws ConfigException;
    }

    private static List<ConfigEntry> parse(String name, byte[] bytes, Layout layout) throws ConfigException {
        try (JsonParser parser = MAPPER.createParser(bytes)) {
            ConfigFile file = new ConfigFile(name, parser);
            parser.nextToken();
            layout.read(file);
            file.end();
            return List.copyOf(file.entries);
        } catch (JacksonException e) {
            throw new ConfigException(place(name, e.getLocation()) + ": not JSON: " + firstLine(e), e);
        }
    }

    /** The calls of a configuration that {@link ConfigTransfer#save} gave; their places are of no use. */
    static List<ConfigEntry> entries(JsonNode saved) {
        List<ConfigEntry> entries = new ArrayList<>();
        for (JsonNode subsystem : saved.path("subsystems").values()) {
            int number = 0;
            for (JsonNode call : subsystem.path("config").values()) {
                number++;
                entries.add(new ConfigEntry(
                        subsystem.path("subsystem").asString(),
                        number,
                        call.path("method").asString(),
                        call.get("params"),
                        "the daemon"));
            }
        }
        return entries;
    }

    private void root() throws ConfigException {
        expect(JsonToken.START_OBJECT, "an object with the member subsystems");
        boolean seen = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            if (!member.equals("subsystems")) {
                throw unknown(member, "subsystems");
            }
            seen = true;
            parser.nextToken();
            expect(JsonToken.START_ARRAY, "an array of subsystems");
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                subsystem();
            }
        }
        if (!seen) {
            throw wrong("the member subsystems is missing");
        }
    }

    private void end() throws ConfigException {
        if (parser.nextToken() != null) {
            throw wrong("there is something after the end of the configuration");
        }
    }

    private void subsystem() throws ConfigException {
        expect(JsonToken.START_OBJECT, "a subsystem: an object with the members subsystem and config");
        String place = here();
        int first = entries.size();
        @Nullable String subsystem = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "subsystem" -> subsystem = string("the name of the subsystem");
                case "config" -> config();
                default -> throw unknown(member, "subsystem, config");
            }
        }
        if (subsystem == null) {
            throw new ConfigException(place + ": the subsystem has no member subsystem, which is its name");
        }
        // The name may stand behind the calls.
        for (int i = first; i < entries.size(); i++) {
            ConfigEntry entry = entries.get(i);
            entries.set(i, new ConfigEntry(subsystem, i - first + 1, entry.method(), entry.params(), entry.place()));
        }
    }

    private void config() throws ConfigException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            // SPDK writes this for a subsystem that has nothing to configure.
            return;
        }
        expect(JsonToken.START_ARRAY, "config: an array of calls, or null");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            entry();
        }
    }

    private void entry() throws ConfigException {
        expect(JsonToken.START_OBJECT, "a call: an object with the members method and params");
        String place = here();
        @Nullable String method = null;
        @Nullable JsonNode params = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "method" -> method = string("the name of a method");
                case "params" -> {
                    if (parser.currentToken() != JsonToken.VALUE_NULL) {
                        expect(JsonToken.START_OBJECT, "params: an object");
                        params = parser.readValueAsTree();
                    }
                }
                default -> throw unknown(member, "method, params");
            }
        }
        if (method == null) {
            throw new ConfigException(place + ": the call has no member method");
        }
        entries.add(new ConfigEntry("", 0, method, params, place));
    }

    private String string(String what) throws ConfigException {
        expect(JsonToken.VALUE_STRING, what + ": a string");
        return parser.getString();
    }

    private void expect(JsonToken token, String what) throws ConfigException {
        if (parser.currentToken() != token) {
            throw wrong("here must be " + what);
        }
    }

    private ConfigException unknown(String member, String known) {
        return wrong("there is no member '" + member + "' here; there is " + known);
    }

    private ConfigException wrong(String why) {
        return new ConfigException(here() + ": " + why);
    }

    private String here() {
        return place(name, parser.currentTokenLocation());
    }

    private static String place(String name, @Nullable TokenStreamLocation location) {
        if (location == null) {
            return name;
        }
        // An empty file has no first column.
        return name + ":" + Math.max(1, location.getLineNr()) + ":" + Math.max(1, location.getColumnNr());
    }

    private static String firstLine(JacksonException e) {
        return String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    }
}
