package dev.ringside.daemon.cli;

import dev.ringside.rpc.codec.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Results as text for a person: nothing for a plain success, a line for each name, a table of several objects, or of the
 * members of one that are alike, and the members of one object below each other. A table has the members that fit a cell;
 * JSON has all.
 */
final class ResultText {
    private static final String INDENT = "  ";
    private static final String GAP = "  ";
    /** The column for the name of a member that is a row. */
    private static final String NAME = "name";

    private ResultText() {}

    static List<String> lines(JsonNode result) {
        if (result.isBoolean() && result.booleanValue()) {
            return List.of();
        }
        if (result.isArray() && result.size() == 1 && result.get(0) instanceof ObjectNode only) {
            return members(only);
        }
        return anything(result);
    }

    private static List<String> anything(JsonNode value) {
        if (value instanceof ObjectNode object) {
            return areAlike(object) ? table(rows(object)) : members(object);
        }
        if (!value.isArray()) {
            return List.of(value.asString());
        }
        if (value.size() == 1 && value.get(0) instanceof ObjectNode only && !all(only, ResultText::fitsCell)) {
            return members(only);
        }
        if (!value.isEmpty() && all(value, JsonNode::isObject)) {
            return table(value);
        }
        List<String> lines = new ArrayList<>();
        value.values().forEach(element -> lines.add(element.isContainer() ? element.toString() : element.asString()));
        return lines;
    }

    private static List<String> members(ObjectNode object) {
        List<String> lines = new ArrayList<>();
        for (var member : object.properties()) {
            JsonNode value = member.getValue();
            if (fitsCell(value)) {
                lines.add((member.getKey() + ": " + cell(value)).stripTrailing());
            } else {
                lines.add(member.getKey() + ":");
                anything(value).forEach(line -> lines.add(INDENT + line));
            }
        }
        return lines;
    }

    /** Whether the members are objects with the same members, all of which fit a cell: rows of a table, by their names. */
    private static boolean areAlike(ObjectNode object) {
        return object.size() > 1
                && all(object, JsonNode::isObject)
                && object.valueStream().map(JsonNode::propertyNames).distinct().count() == 1
                && all(object, row -> !row.isEmpty() && !row.has(NAME) && all(row, ResultText::fitsCell));
    }

    private static JsonNode rows(ObjectNode object) {
        ArrayNode rows = Json.array();
        for (var member : object.properties()) {
            ObjectNode row = rows.addObject().put(NAME, member.getKey());
            row.setAll((ObjectNode) member.getValue());
        }
        return rows;
    }

    private static List<String> table(JsonNode rows) {
        List<String> columns = columns(rows);
        if (columns.isEmpty()) {
            return rows.values().stream().map(JsonNode::toString).toList();
        }
        List<StringBuilder> lines = new ArrayList<>();
        for (int i = 0; i <= rows.size(); i++) {
            lines.add(new StringBuilder());
        }
        for (String column : columns) {
            List<String> cells = new ArrayList<>(List.of(column.toUpperCase(Locale.ROOT)));
            rows.values().forEach(row -> cells.add(cell(row.path(column))));
            boolean numbers = all(rows, row -> row.path(column).isNumber());
            int width = cells.stream().mapToInt(String::length).max().orElse(0);
            for (int i = 0; i < lines.size(); i++) {
                String padding = " ".repeat(width - cells.get(i).length());
                lines.get(i)
                        .append(lines.get(i).isEmpty() ? "" : GAP)
                        .append(numbers ? padding + cells.get(i) : cells.get(i) + padding);
            }
        }
        return lines.stream().map(line -> line.toString().stripTrailing()).toList();
    }

    /** The members that fit a cell in each row that has them, in the order of their first appearance. */
    private static List<String> columns(JsonNode rows) {
        Set<String> names = new LinkedHashSet<>();
        rows.values().forEach(row -> names.addAll(row.propertyNames()));
        return names.stream()
                .filter(name -> all(rows, row -> fitsCell(row.path(name))))
                .toList();
    }

    private static boolean fitsCell(JsonNode value) {
        return !value.isContainer() || (value.isArray() && all(value, element -> !element.isContainer()));
    }

    private static String cell(JsonNode value) {
        if (value.isArray()) {
            return value.values().stream().map(JsonNode::asString).collect(Collectors.joining(","));
        }
        return value.isMissingNode() || value.isNull() ? "-" : value.asString();
    }

    private static boolean all(JsonNode container, Predicate<JsonNode> test) {
        return container.values().stream().allMatch(test);
    }
}
