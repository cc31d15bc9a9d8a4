package dev.ringside.rpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Set;
import jdk.net.UnixDomainPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may use the socket. */
class AllowedPeersTest {
    /** A user and a group that no process has. */
    private static final String NOBODY_HERE = "3999999";

    @TempDir
    private Path dir;

    @Test
    void whoIsNotAllowedIsToldSoAndClosed() throws Exception {
        AllowedPeers others = new AllowedPeers(Set.of(user(NOBODY_HERE)), Set.of(), true);
        try (ServerFixture server = new ServerFixture(dir, RpcLimits.DEFAULT, others)) {
            assertThat(permissions(server.path)).isEqualTo("rw-rw-rw-");
            RawClient client = server.client();
            assertThat(client.untilEnd())
                    .singleElement()
                    .asString()
                    .contains("\"code\":-13")
                    .contains("may not use the control socket");
        }
    }

    @Test
    void theOwnUserAndMembersOfAGroupAreAllowed() throws Exception {
        PosixFileAttributes own = Files.readAttributes(Path.of("/proc/self"), PosixFileAttributes.class);
        for (AllowedPeers peers :
                List.of(AllowedPeers.of(List.of()), new AllowedPeers(Set.of(), Set.of(own.group()), true))) {
            try (ServerFixture server = new ServerFixture(dir, RpcLimits.DEFAULT, peers)) {
                assertThat(permissions(server.path)).isEqualTo(peers.open() ? "rw-rw-rw-" : "rw-------");
                assertThat(server.client()
                                .send("{\"id\": 1, \"method\": \"echo\"}")
                                .line())
                        .contains("nothing");
            }
        }
    }

    @Test
    void namesAreLookedUp() throws Exception {
        AllowedPeers peers = AllowedPeers.of(List.of(NOBODY_HERE, "@" + NOBODY_HERE));
        GroupPrincipal root = lookupGroup("0");
        assertThat(peers.allows(new UnixDomainPrincipal(user("0"), root))).isTrue();
        assertThat(peers.allows(new UnixDomainPrincipal(user(NOBODY_HERE), root)))
                .isTrue();
        assertThat(peers.allows(new UnixDomainPrincipal(user("3999998"), lookupGroup(NOBODY_HERE))))
                .isTrue();
        assertThat(peers.allows(new UnixDomainPrincipal(user("3999998"), root))).isFalse();
        assertThatThrownBy(() -> AllowedPeers.of(List.of("no-such-user")))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no user or group no-such-user");
    }

    private static UserPrincipal user(String name) throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    }

    private static GroupPrincipal lookupGroup(String name) throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
