#!/usr/bin/env bash
# Makes the test guest's kernel and initramfs from Debian's packages, once, and prints the folder that holds
# them: vmlinuz, initramfs. The cache is $RINGSIDE_CACHE, by default ~/.cache/ringside.
# guest-image.sh vfio: one with the kernel of vfio-kernel.sh instead, and with udev.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/packages.sh"
ringside_need_packages $RINGSIDE_GUEST_PACKAGES >&2

# Loaded at boot, in this order; and there for whoever asks (the kernel itself, or modprobe).
EAGER_MODULES="virtio_pci virtio_console virtio_blk virtio_scsi sd_mod 9pnet_virtio 9p"
LAZY_MODULES="ext4 xfs libcrc32c crc32c_generic crc32c_intel sg nvme mptsas mpt3sas vfio_pci vfio_iommu_type1"

cache=${RINGSIDE_CACHE:-${HOME:-/root}/.cache/ringside}
mkdir -p "$cache"
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

say() { echo "guest-image: $*" >&2; }

# Prints nothing where apt has no lists yet.
kernel_package() { { apt-cache depends linux-image-amd64 2>/dev/null || true; } | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1; }

refresh_package_lists() {
    [ "$(id -u)" -eq 0 ] || return 0
    timeout 300 apt-get update -qq -o Acquire::Retries=3 >&2 </dev/null
}

download() { # $1: name in the cache, $2...: what apt may know the package as, the best first
    local name
    for name in "${@:2}"; do
        say "downloading $name"
        rm -rf "$work/deb"
        mkdir "$work/deb"
        if (cd "$work/deb" && timeout 900 apt-get download -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root "$name") \
            >&2 </dev/null; then
            mv "$work"/deb/*.deb "$cache/$1.deb"
            return
        fi
    done
    return 1
}

need_deb() { # as download; once it is in the cache there is no need of a network
    [ ! -s "$cache/$1.deb" ] || return 0
    download "$@" || { refresh_package_lists && download "$@"; } || {
        say "$1 is not in $cache, and cannot be downloaded"
        exit 3
    }
}

add_udev() { # into $work/root; the version whose library is on this machine, if it is still to be had
    need_deb "udev-$udev" "udev=$udev" udev
    mkdir "$work/udev"
    dpkg -x "$cache/udev-$udev.deb" "$work/udev"
    cp "$work/udev/bin/udevadm" "$work/root/sbin/udevadm"
    ln -s udevadm "$work/root/sbin/systemd-udevd"
}

unpack_kernel() { # $1: kernel package, $2: kernel version; sets $kernel
    need_deb "$1" "$1"
    say "unpacking"
    kernel=$work/kernel
    mkdir -p "$kernel"
    dpkg -x "$cache/$1.deb" "$kernel"
    depmod -b "$kernel" "$2"
}

build() { # $1: kernel version, $2: folder to fill; $kernel is where it is unpacked
    local root=$work/root module file applet
    say "collecting modules and tools"
    mkdir -p "$root"/{bin,sbin,dev,proc,sys,host,tmp}
    for module in $EAGER_MODULES $LAZY_MODULES; do
        modprobe -S "$1" -d "$kernel" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
    done | sort -u | while read -r file; do
        mkdir -p "$root/$(dirname "${file#"$kernel"}")"
        cp "$file" "$root${file#"$kernel"}"
    done
    find "$root/lib/modules" -name '*.ko.xz' -exec xz -d {} +
    cp "$kernel/lib/modules/$1"/modules.{order,builtin,builtin.modinfo} "$root/lib/modules/$1/"
    depmod -b "$root" "$1"
    cp "$(command -v busybox)" "$root/bin/busybox"
    for applet in $("$root/bin/busybox" --list); do
        [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
    done
    ln -s ../bin/busybox "$root/sbin/modprobe" # where the kernel looks for it
    sed "s/@EAGER_MODULES@/$EAGER_MODULES/" "$scripts/guest-init" >"$root/init"
    chmod 755 "$root/init"
    [ "$flavour" != vfio ] || add_udev

    (cd "$root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$2/initramfs"
    cp "$kernel/boot/vmlinuz-$1" "$2/vmlinuz"
}

flavour=${1:-}
if [ "$flavour" = vfio ]; then
    kernel=$("$scripts/vfio-kernel.sh")
    version=$(ls "$kernel/lib/modules")
    udev=$(dpkg-query -W -f '${Version}' libsystemd-shared)
else
    kernel=
    udev=
    package=$(kernel_package)
    if [ -z "$package" ]; then
        refresh_package_lists
        package=$(kernel_package)
    fi
    if [ -z "$package" ]; then
        say "apt knows no linux-image-amd64: run apt-get update"
        exit 3
    fi
    version=${package#linux-image-}
fi
hash=$({ cat "$scripts/guest-image.sh" "$scripts/guest-init"; echo "${kernel##*/} $udev"; } | sha256sum | cut -c 1-12)
image=$cache/guest-${flavour:+$flavour-}$version-$hash

exec 9>"$cache/.lock"
if ! flock -w 900 9; then
    say "$cache/.lock is held by another process for 15 minutes"
    exit 1
fi
if [ ! -d "$image" ]; then
    rm -rf "$cache"/.building.* # left by one that was killed; the lock is ours
    work=$(mktemp -d "$cache/.building.XXXXXX")
    mkdir "$work/image"
    [ -n "$kernel" ] || unpack_kernel "$package" "$version"
    build "$version" "$work/image"
    mv -T "$work/image" "$image"
    say "built $image"
fi
echo "$image"
