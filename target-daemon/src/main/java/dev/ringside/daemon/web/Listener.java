package dev.ringside.daemon.web;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where the web listener is, and whether it was asked to be reached from elsewhere.
 *
 * @param address with a port from 0, which is any free one, to 65535
 * @param anywhere whether the address may be another one than of the loopback
 */
public record Listener(InetSocketAddress address, boolean anywhere) {
    private static final int MOST_PORT = 65_535;

    /** Checks that it is not reached from elsewhere unless that was asked for. */
    public Listener {
        if (!address.getAddress().isLoopbackAddress() && !anywhere) {
            throw new IllegalArgumentException("address " + address.getAddress().getHostAddress()
                    + " can be reached from elsewhere, and everybody there could read what guests do: an address of the"
                    + " loopback is allowed, or --metrics-anywhere beside it");
        }
    }

    /**
     * Reads an address such as {@code 127.0.0.1:9464} or {@code [::1]:9464}.
     *
     * @throws IllegalArgumentException if it is not one, or not one of the loopback without {@code anywhere}
     */
    public static Listener parse(String text, boolean anywhere) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(0, colon));
            if (host.isEmpty() || port < 0 || port > MOST_PORT) {
                throw malformed(text);
            }
            return new Listener(new InetSocketAddress(InetAddress.getByName(host), port), anywhere);
        } catch (NumberFormatException | UnknownHostException e) {
            throw malformed(text);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "metrics address '" + text + "': an address and a port are allowed, such as 127.0.0.1:9464");
    }

    @Override
    public String toString() {
        InetAddress host = address.getAddress();
        String name = host.getHostAddress();
        return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + address.getPort();
    }
}
