package dev.ringside.daemon.web;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request says that it is for (RFC 9110, 7.2). A name there may be that of a site whose owner has it lead here, so that a
 * browser takes what is here for the site's own and shows it to its scripts; an address, or localhost, is nobody else's. Any thread.
 */
final class HostHeader {
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");

    private HostHeader() {}

    /**
     * Whether it is an address or localhost, with a port or without, or none, which browsers always have and HTTP/1.0 need not.
     *
     * @param value the field's, null if there is none
     * @param protocol of the request, such as HTTP/1.1
     */
    static boolean isOfThisMachine(@Nullable String value, String protocol) {
        if (value == null) {
            return protocol.equals("HTTP/1.0");
        }
        String host = PORT.matcher(value).replaceFirst("");
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return host.equalsIgnoreCase("localhost") || isAddress(bracketed ? host.substring(1, host.length() - 1) : host);
    }

    private static boolean isAddress(String text) {
        try {
            InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
