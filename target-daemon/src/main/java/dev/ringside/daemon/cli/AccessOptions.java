package dev.ringside.daemon.cli;

import dev.ringside.daemon.target.Access;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** Options that say who may reach the daemon, and what through it. */
final class AccessOptions {
    private final OptionSpec rpcAllow = OptionSpec.builder("--rpc-allow")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .splitRegex(",")
            .paramLabel("NAME")
            .description(
                    "A user, or @ and a group, who may use the control socket besides root and the daemon's own user."
                            + " Its mode is 0600; if others are allowed it is 0666, and whoever connects is checked.")
            .build();

    private final OptionSpec vhostOwner = OptionSpec.builder("--vhost-owner")
            .type(String.class)
            .paramLabel("USER[:GROUP]")
            .description("Whose the sockets are that guests connect to; the daemon's own by default.")
            .build();

    private final OptionSpec vhostMode = OptionSpec.builder("--vhost-mode")
            .type(int.class)
            .paramLabel("MODE")
            .defaultValue("0600")
            .converters(new ModeConverter())
            .description("Mode of the sockets that guests connect to, in octal. Default: ${DEFAULT-VALUE}.")
            .build();

    private final OptionSpec allowPath = OptionSpec.builder("--allow-path")
            .type(List.class)
            .auxiliaryTypes(Path.class)
            .paramLabel("DIR")
            .description("A directory below which files of disks may be, links followed; may be given more than once."
                    + " Anywhere by default.")
            .build();

    static final class ModeConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("0?[0-7]{3}")) {
                throw new TypeConversionException("mode '" + text + "' is not three octal digits, such as 0660");
            }
            return Integer.parseInt(text, 8);
        }
    }

    /** All of them. */
    List<OptionSpec> all() {
        return List.of(rpcAllow, vhostOwner, vhostMode, allowPath);
    }

    Access access() {
        String ownerAndGroup = vhostOwner.getValue();
        List<String> users = rpcAllow.getValue();
        List<Path> below = allowPath.getValue();
        Optional<String> owner = Optional.empty();
        Optional<String> group = Optional.empty();
        if (ownerAndGroup != null) {
            int colon = ownerAndGroup.indexOf(':');
            owner = Optional.of(colon < 0 ? ownerAndGroup : ownerAndGroup.substring(0, colon))
                    .filter(name -> !name.isEmpty());
            group = Optional.of(colon < 0 ? "" : ownerAndGroup.substring(colon + 1))
                    .filter(name -> !name.isEmpty());
        }
        return new Access(
                users == null ? List.of() : users,
                owner,
                group,
                vhostMode.getValue(),
                below == null ? List.of() : below);
    }
}
