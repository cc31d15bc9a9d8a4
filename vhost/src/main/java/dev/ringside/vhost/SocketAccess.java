package dev.ringside.vhost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;

/**
 * Whose the controllers' sockets are, and who may connect to them.
 *
 * @param owner the process's user if absent
 * @param group the process's group, or the directory's, if absent
 * @param permissions of the sockets; who may write may connect
 */
public record SocketAccess(
        Optional<UserPrincipal> owner, Optional<GroupPrincipal> group, Set<PosixFilePermission> permissions) {
    /** Only the user of this process, and root. */
    public static final SocketAccess PRIVATE =
            new SocketAccess(Optional.empty(), Optional.empty(), PosixFilePermissions.fromString("rw-------"));

    /** Copies the permissions. */
    public SocketAccess {
        permissions = Set.copyOf(permissions);
    }

    /** Gives a socket, which is private, away: first to whom it is for, and then lets others connect. */
    void apply(Path socket) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (owner.isPresent()) {
            view.setOwner(owner.get());
        }
        if (group.isPresent()) {
            view.setGroup(group.get());
        }
        if (!permissions.equals(PRIVATE.permissions)) {
            // Without following links there is no way to change a mode; nobody else can write to the directory.
            Files.setPosixFilePermissions(socket, permissions);
        }
    }
}
