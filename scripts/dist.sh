#!/usr/bin/env bash
# Makes dist/target/ringside-VERSION-linux-x64.tar.gz of what Maven has packaged: a Java runtime of the modules and just what they
# need (jlink), AOT caches trained with it, manual pages, completion, and what the system wants to know. The same as a
# Debian package lies beside it. 'mvn package' runs this at its end.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$scripts")
. "$scripts/jdk.sh"
version=${1:?usage: scripts/dist.sh VERSION}
name=ringside-$version-linux-x64
target=$home/dist/target
built=$home/target-daemon/target/ringside
archive=$target/$name.tar.gz
package=$target/ringside_${version/-/\~}_amd64.deb

up_to_date() { # nothing that goes into the archive is newer
    [ -e "$archive" ] && [ -e "$package" ] && [ -z "$(find "$built/lib" "$home/packaging" "$scripts/dist.sh" "$scripts/ringside" "$JAVA_HOME/release" \
        -newer "$archive" -type f -print -quit)" ]
}
! up_to_date || exit 0

rm -rf "${target:?}/$name" "$target/modules" "$archive" "$package"
mkdir -p "$target/$name/bin"
cd "$target/$name"
trap '[ -e "$archive" ] || rm -rf "$target/$name"' EXIT

cp -p "$scripts/ringside" "$home/packaging/ringside-blk" bin/
# The program's modules are linked into the runtime: a cache knows classes by where they are, and a runtime may be anywhere.
cp -rp "$built/lib" "$target/modules"
"$JAVA_HOME/bin/java" "$home/build-config/StackMaps.java" "$target/modules/picocli.jar"
"$JAVA_HOME/bin/jlink" --module-path "$target/modules" --add-modules dev.ringside.daemon --output runtime --no-man-pages \
    --no-header-files --generate-cds-archive >"$target/jlink.log" 2>&1 || { cat "$target/jlink.log" >&2; exit 1; }
rm -rf "$target/modules"

ringside() {
    bin/ringside "$@"
}
mkdir -p share/man/man1 share/bash-completion/completions share/qemu/vhost-user lib/systemd/system lib/udev/rules.d share/doc
ringside completion bash >share/bash-completion/completions/ringside
ringside manual share/man/man1
cp -p "$home/packaging/50-ringside-blk.json" share/qemu/vhost-user/
cp -p "$home/packaging/ringside.service" lib/systemd/system/
cp -p "$home/packaging/70-ringside-vfio.rules" lib/udev/rules.d/
cp -rp "$home/README.md" "$home/LICENSE" "$home/CHANGELOG.md" "$home/SECURITY.md" "$home/docs/"*.md share/doc/
"$scripts/aot.sh" --archive .

debian() { # the archive in /opt, and what the system looks for where it does; needs no root
    local root=$target/deb
    rm -rf "$root"
    mkdir -p "$root"/{opt,usr/bin,usr/share/man/man1,DEBIAN}
    cp -rp "$target/$name" "$root/opt/ringside"
    ln -s /opt/ringside/bin/ringside "$root/usr/bin/ringside"
    gzip -9 --no-name --stdout share/man/man1/ringside.1 >"$root/usr/share/man/man1/ringside.1.gz"
    local page
    for page in share/man/man1/ringside-*.1; do
        gzip -9 --no-name --stdout "$page" >"$root/usr/$page.gz"
    done
    cp -rp share/bash-completion share/qemu "$root/usr/share/"
    cp -rp lib "$root/"
    sed "s/@VERSION@/${version/-/\~}/" "$home/packaging/debian/control" >"$root/DEBIAN/control"
    cp -p "$home/packaging/debian/postinst" "$home/packaging/debian/prerm" "$root/DEBIAN/"
    dpkg-deb --root-owner-group -Zgzip -z4 --build "$root" "$package" >/dev/null
    rm -rf "$root"
}
debian

tar -C "$target" --owner=0 --group=0 --sort=name -czf "$archive.part" "$name"
mv "$archive.part" "$archive"
