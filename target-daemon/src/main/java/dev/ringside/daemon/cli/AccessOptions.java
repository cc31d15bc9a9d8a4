package dev.ringside.daemon.cli;

import dev.ringside.daemon.target.Access;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that say who may reach the daemon, and what through it. */
final class AccessOptions {
    /** Those that cannot be given with a takeover. */
    static final List<String> NAMES = List.of("--rpc-allow", "--vhost-owner", "--vhost-mode", "--allow-path");

    @Option(
            names = "--rpc-allow",
            paramLabel = "NAME",
            split = ",",
            description =
                    "A user, or @ and a group, who may use the control socket besides root and the daemon's own user."
                            + " Its mode is 0600; if others are allowed it is 0666, and whoever connects is checked.")
    private @Nullable List<String> rpcAllow;

    @Option(
            names = "--vhost-owner",
            paramLabel = "USER[:GROUP]",
            description = "Whose the sockets are that guests connect to; the daemon's own by default.")
    private @Nullable String vhostOwner;

    @Option(
            names = "--vhost-mode",
            paramLabel = "MODE",
            defaultValue = "0600",
            converter = ModeConverter.class,
            description = "Mode of the sockets that guests connect to, in octal. Default: ${DEFAULT-VALUE}.")
    private int vhostMode;

    @Option(
            names = "--allow-path",
            paramLabel = "DIR",
            description = "A directory below which files of disks may be, links followed; may be given more than once."
                    + " Anywhere by default.")
    private @Nullable List<Path> allowPath;

    static final class ModeConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("0?[0-7]{3}")) {
                throw new TypeConversionException("mode '" + text + "' is not three octal digits, such as 0660");
            }
            return Integer.parseInt(text, 8);
        }
    }

    Access access() {
        Optional<String> owner = Optional.empty();
        Optional<String> group = Optional.empty();
        if (vhostOwner != null) {
            int colon = vhostOwner.indexOf(':');
            owner = Optional.of(colon < 0 ? vhostOwner : vhostOwner.substring(0, colon))
                    .filter(name -> !name.isEmpty());
            group = Optional.of(colon < 0 ? "" : vhostOwner.substring(colon + 1))
                    .filter(name -> !name.isEmpty());
        }
        return new Access(
                rpcAllow == null ? List.of() : rpcAllow,
                owner,
                group,
                vhostMode,
                allowPath == null ? List.of() : allowPath);
    }
}
