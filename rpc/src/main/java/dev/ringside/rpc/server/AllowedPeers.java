package dev.ringside.rpc.server;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jdk.net.UnixDomainPrincipal;

/**
 * Who may use the socket, by what the kernel says of the process that connects (SO_PEERCRED, unix(7)): its effective user
 * and group at that moment.
 *
 * @param users who may
 * @param groups whose members may, if it is their effective group
 * @param open whether others than root and the owner are among them, so that the socket's mode must let them come
 */
public record AllowedPeers(Set<UserPrincipal> users, Set<GroupPrincipal> groups, boolean open) {
    private static final String GROUP = "@";

    /** Copies both sets. */
    public AllowedPeers {
        users = Set.copyOf(users);
        groups = Set.copyOf(groups);
    }

    /**
     * Root, the user of this process, and some more.
     *
     * @param names of users, or of groups after a {@code @}; numbers are allowed, too
     * @throws IOException if there is no user or group of a name
     */
    public static AllowedPeers of(List<String> names) throws IOException {
        UserPrincipalLookupService lookup = FileSystems.getDefault().getUserPrincipalLookupService();
        Set<UserPrincipal> users = new HashSet<>();
        Set<GroupPrincipal> groups = new HashSet<>();
        users.add(lookup.lookupPrincipalByName("0"));
        users.add(Files.getOwner(Path.of("/proc/self")));
        for (String name : names) {
            try {
                if (name.startsWith(GROUP)) {
                    groups.add(lookup.lookupPrincipalByGroupName(name.substring(GROUP.length())));
                } else {
                    users.add(lookup.lookupPrincipalByName(name));
                }
            } catch (UserPrincipalNotFoundException e) {
                throw new IOException("there is no user or group " + name, e);
            }
        }
        return new AllowedPeers(users, groups, !names.isEmpty());
    }

    boolean allows(UnixDomainPrincipal peer) {
        return users.contains(peer.user()) || groups.contains(peer.group());
    }

    /** The mode of the socket: where others may come, the kernel lets everybody connect, and we turn away. */
    String socketMode() {
        return open ? "rw-rw-rw-" : "rw-------";
    }
}
