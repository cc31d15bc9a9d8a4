#!/usr/bin/env bash
# Boots systemd in a copy of this machine, to run a script there as root; what it prints and its status are this one's. Takes root.
# Nothing of it stays: the copy's files are changed in RAM only, and processes, mounts, network, control groups and /dev are its own.
# Services of this machine do not start there; the kernel's settings cannot be changed.
# usage: scripts/boot-copy.sh SCRIPT [FILE]...    SCRIPT and each FILE are copied to /tmp of the copy; it may take 90 s
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$scripts")

prepare() { # $1: folder, $2: script, $3...: files; the copy in $1/root
    local root=$1/root path
    mount -t tmpfs tmpfs "$1"
    mkdir "$1"/{upper,work,root,cgroup}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root"
    for path in tmp run dev; do
        mount -t tmpfs -o mode=0755 tmpfs "$root/$path"
    done
    chmod 1777 "$root/tmp"
    for path in null zero full random urandom tty; do
        touch "$root/dev/$path"
        mount --bind "/dev/$path" "$root/dev/$path"
    done
    # Wherever these are, they are seen there.
    for path in "$JAVA_HOME" "$home"; do
        mkdir -p "$root$path"
        mount --bind -o ro "$path" "$root$path"
    done
    cp "${@:2}" "$root/tmp/"
    # Nothing starts but what is asked for.
    rm -rf "$root"/{etc,usr/lib}/systemd/system/*.wants "$root"/usr/lib/systemd/system-generators
    mkdir -p "$root/run/systemd/system"
    cat >"$root/run/systemd/system/check.service" <<UNIT
[Unit]
DefaultDependencies=no
Wants=systemd-journald.service
After=systemd-journald.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
TimeoutStartSec=90
Environment=HOME=/ CHECKOUT=$home JAVA_HOME=$JAVA_HOME
ExecStart=/bin/bash -eu /tmp/$(basename "$2")
StandardOutput=file:/tmp/check.out
StandardError=inherit
UNIT
}

enter() { # $1: the copy's root; all its own by now but the root: becomes init
    mount -t proc proc "$1/proc"
    mount --bind "$1/proc/sys" "$1/proc/sys"
    mount -o remount,bind,ro "$1/proc/sys"
    mount -t sysfs -o ro sysfs "$1/sys"
    mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
    cd "$1"
    pivot_root . .
    umount -l .
    exec env -i container=copy PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=check.service \
        --log-target=journal --show-status=no
}

case $1 in
    --prepared) # $2: folder, $3...: script and files
        . "$scripts/jdk.sh"
        prepare "${@:2}"
        mount -t cgroup2 cgroup2 "$2/cgroup"
        group=$2/cgroup/ringside-copy-$$
        mkdir "$group"
        status=0
        (
            echo "$BASHPID" >"$group/cgroup.procs"
            exec unshare --cgroup --pid --fork --kill-child --uts --ipc --net --mount --propagation private "$0" --enter "$2/root"
        ) </dev/null || status=$?
        find "$group" -depth -type d -exec rmdir {} +
        cat "$2/root/tmp/check.out"
        exit "$status"
        ;;
    --enter)
        enter "$2"
        ;;
    *)
        folder=$(mktemp -d "${TMPDIR:-/tmp}/copy.XXXXXX")
        trap 'rmdir "$folder"' EXIT
        unshare --mount --propagation private "$0" --prepared "$folder" "$@"
        ;;
esac
