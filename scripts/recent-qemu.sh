#!/usr/bin/env bash
# Prints the path of a QEMU of version 9.2 or later, for what Debian 12's cannot do (a SCSI guest whose daemon was killed): the
# system's, or else that of Debian's backports, which is unpacked into the cache, $RINGSIDE_CACHE or ~/.cache/ringside, and
# leaves the system's packages as they are. It needs no root; it does need the libraries of the system's qemu-system-x86.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/packages.sh"
. "$scripts/backports.sh"
ringside_need_packages $RINGSIDE_GUEST_PACKAGES >&2
PACKAGES="qemu-system-x86 qemu-system-data seabios"

is_recent() { # $1: a QEMU
    "$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | {
        read -r major minor && [ $((major * 100 + minor)) -ge 902 ]
    }
}

system=$(command -v qemu-system-x86_64)
if is_recent "$system"; then
    echo "$system"
    exit
fi

cache=${RINGSIDE_CACHE:-${HOME:-/root}/.cache/ringside}
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
qemu=$cache/recent-qemu-$release
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

unpack() { # fills $work/qemu
    local package
    mkdir -p "$work/qemu"
    backports_apt "$work" "$release" update >&2 && backports_download "$work" "$release" "$work/deb" $PACKAGES || return 1
    for package in "$work"/deb/*.deb; do
        dpkg -x "$package" "$work/qemu"
    done
    cat >"$work/qemu/qemu-system-x86_64" <<'END'
#!/bin/sh
root=$(dirname "$0")
exec "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
END
    chmod 755 "$work/qemu/qemu-system-x86_64"
    is_recent "$work/qemu/qemu-system-x86_64"
}

mkdir -p "$cache"
exec 9>"$cache/.lock"
flock -w 900 9
if [ ! -d "$qemu" ]; then
    echo "recent-qemu: unpacking $PACKAGES of $release-backports" >&2
    work=$(mktemp -d "$cache/.building.XXXXXX")
    if ! unpack; then
        echo "recent-qemu: no QEMU 9.2 or later: $("$system" --version | head -n 1) is too old," \
            "and http://deb.debian.org/debian $release-backports gave none that runs; install one, or let apt reach it" >&2
        exit 3
    fi
    mv -T "$work/qemu" "$qemu"
fi
echo "$qemu/qemu-system-x86_64"
