#!/usr/bin/env bash
# Prints the folder of a kernel that has VFIO with iommufd (/dev/iommu, /dev/vfio/devices) and without an IOMMU
# (enable_unsafe_noiommu_mode): below it boot and lib/modules. None of Debian's kernels up to 7.3 has either switched on
# (CONFIG_IOMMUFD, CONFIG_VFIO_DEVICE_CDEV, CONFIG_VFIO_NOIOMMU), but both are modules: those of drivers/vfio and
# drivers/iommu/iommufd are built here, from Debian's source of the kernel of Debian 12's backports, for that very kernel. Once, into
# the cache, $RINGSIDE_CACHE or ~/.cache/ringside; the system's packages stay as they are, but for tools that are missing.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/packages.sh"
. "$scripts/backports.sh"
ringside_need_packages $RINGSIDE_KERNEL_PACKAGES >&2

RELEASE=bookworm
cache=${RINGSIDE_CACHE:-${HOME:-/root}/.cache/ringside}
result=$cache/vfio-kernel-$(sha256sum "$0" | cut -c 1-12)
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

say() { echo "vfio-kernel: $*" >&2; }

fetch() { # $1: version of the kernel; fills $work/kernel, $work/tools and $work/source
    local common=${1%-amd64} series package
    series=$(cut -d . -f 1,2 <<<"$1")
    backports_download "$work" "$RELEASE" "$work/deb" "linux-image-$1" "linux-headers-$1" "linux-headers-$common-common" \
        "linux-kbuild-$common" "linux-source-$series"
    mkdir "$work"/{kernel,tools,source}
    dpkg -x "$work"/deb/linux-image-*.deb "$work/kernel"
    for package in "$work"/deb/linux-{headers,kbuild,source}-*.deb; do
        dpkg -x "$package" "$work/tools"
    done
    tar -C "$work/source" --strip-components=1 -xf "$work/tools/usr/src/linux-source-$series.tar.xz" \
        "linux-source-$series"/{drivers/vfio,drivers/iommu/iommufd,drivers/iommu/iommu-priv.h,lib/interval_tree.c}
    # Its one line names a place where it is not.
    echo "include $work/tools/usr/src/linux-headers-$common-common/Makefile" >"$work/tools/usr/src/linux-headers-$1/Makefile"
}

build() { # $1: version of the kernel; adds to $work/kernel
    local source=$work/modules option flags=
    mkdir "$source"
    cp -r "$work/source/drivers/vfio" "$work"/source/drivers/iommu/{iommufd,iommu-priv.h} "$source"
    # The part of the interval trees that iommufd needs is not in the kernel; what else is in that file is, and exported.
    sed '/^EXPORT_SYMBOL/d' "$work/source/lib/interval_tree.c" >"$source/iommufd/interval_tree.c"
    echo 'iommufd-y += interval_tree.o' >>"$source/iommufd/Makefile"
    echo 'obj-m += iommufd/ vfio/' >"$source/Kbuild"
    for option in IOMMUFD_MODULE VFIO_DEVICE_CDEV VFIO_NOIOMMU INTERVAL_TREE_SPAN_ITER; do
        flags+=" -DCONFIG_$option=1"
    done
    make -s -j2 -C "$work/tools/usr/src/linux-headers-$1" M="$source" CONFIG_IOMMUFD=m CONFIG_VFIO_DEVICE_CDEV=y CONFIG_VFIO_NOIOMMU=y \
        CONFIG_VFIO_MDEV= CONFIG_DEBUG_INFO_BTF_MODULES= KCFLAGS="$flags" modules >&2
    mkdir "$work/kernel/lib/modules/$1/updates" # which depmod prefers
    find "$source" -name '*.ko' -exec cp {} "$work/kernel/lib/modules/$1/updates" \;
    depmod -b "$work/kernel" "$1"
}

mkdir -p "$cache"
exec 9>"$cache/.lock"
if ! flock -w 900 9; then
    say "$cache/.lock is held by another process for 15 minutes"
    exit 1
fi
if [ ! -d "$result" ]; then
    work=$(mktemp -d "$cache/.building.XXXXXX")
    backports_apt "$work" "$RELEASE" update >&2
    version=$(backports_apt "$work" "$RELEASE" depends linux-image-amd64 | sed -n 's/^ *Depends: linux-image-\([0-9].*\)$/\1/p' | head -n 1)
    if [ -z "$version" ]; then
        say "http://deb.debian.org/debian $RELEASE-backports has no linux-image-amd64"
        exit 3
    fi
    say "downloading $version, its source and its headers"
    fetch "$version"
    say "building the modules of VFIO"
    build "$version"
    rm -rf "$work/kernel/usr"
    mv -T "$work/kernel" "$result"
fi
echo "$result"
