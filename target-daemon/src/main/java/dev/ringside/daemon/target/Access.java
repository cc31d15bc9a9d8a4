package dev.ringside.daemon.target;

import dev.ringside.vhost.SocketAccess;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may reach what, as the operator says it.
 *
 * @param rpcUsers users, and groups after a {@code @}, who may use the control socket besides root and the daemon's user
 * @param socketOwner user of the controllers' sockets
 * @param socketGroup group of the controllers' sockets
 * @param socketMode of the controllers' sockets, such as 0660
 * @param paths the directories below which files of disks may be; empty: anywhere
 */
public record Access(
        List<String> rpcUsers,
        Optional<String> socketOwner,
        Optional<String> socketGroup,
        int socketMode,
        List<Path> paths) {
    /** Only the daemon's user may reach it, and disks may be anywhere. */
    public static final Access DEFAULT = new Access(List.of(), Optional.empty(), Optional.empty(), 0600, List.of());

    /** Copies the lists. */
    public Access {
        rpcUsers = List.copyOf(rpcUsers);
        paths = List.copyOf(paths);
    }

    /**
     * The controllers' sockets, with names looked up.
     *
     * @throws StartException if there is no such user or group
     */
    SocketAccess sockets() throws StartException {
        UserPrincipalLookupService lookup = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            Optional<UserPrincipal> owner = Optional.empty();
            if (socketOwner.isPresent()) {
                owner = Optional.of(lookup.lookupPrincipalByName(socketOwner.get()));
            }
            Optional<GroupPrincipal> group = Optional.empty();
            if (socketGroup.isPresent()) {
                group = Optional.of(lookup.lookupPrincipalByGroupName(socketGroup.get()));
            }
            return new SocketAccess(owner, group, permissions(socketMode));
        } catch (UserPrincipalNotFoundException e) {
            throw new StartException(
                    "there is no such user or group for the vhost sockets: " + socketOwner.orElse("") + ":"
                            + socketGroup.orElse(""),
                    e);
        } catch (IOException e) {
            throw new StartException("the owner of the vhost sockets: " + e.getMessage(), e);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int bit = 0; bit < all.length; bit++) {
            // They are declared from the owner's read (0400) down to the others' execute (0001).
            if ((mode & 0400 >> bit) != 0) {
                permissions.add(all[bit]);
            }
        }
        return permissions;
    }
}
