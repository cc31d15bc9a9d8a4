#!/usr/bin/env bash
# Boots systemd in a copy of this machine, to run a script there as root; what it prints and its status are this one's. Takes root.
# Nothing of it stays: the copy's files are changed in RAM only, and processes, mounts, network, control groups and /dev are its own.
# Services of this machine do not start there; there are no modules for modprobe to load; /proc/sys and /sys can only be read.
# usage: scripts/boot-copy.sh SCRIPT [FILE]...    SCRIPT and each FILE are copied to /tmp of the copy; it may take 180 s
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$scripts")

prepare() { # $1: folder, $2: script, $3...: files; the copy in $1/root
    local root=$1/root modules path
    mount -t tmpfs tmpfs "$1"
    mkdir "$1"/{upper,work,root,cgroup}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root"
    # /lib may be a link, which must not lead out of the copy.
    modules=$(readlink -m /lib/modules)
    mkdir -p "$root$modules"
    for path in /tmp /run /dev "$modules"; do
        mount -t tmpfs -o mode=0755 tmpfs "$root$path"
    done
    chmod 1777 "$root/tmp"
    cp -a /dev/{null,zero,full,random,urandom,tty} "$root/dev/"
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
TimeoutStartSec=180
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

leave() { # ends what is left in the copy, and takes away what the machine sees of it
    local i
    if [ -n "$group" ]; then
        echo 1 >"$group/cgroup.kill"
        # A group is busy until the kernel is done with its last process.
        for ((i = 0; i < 100; i++)); do
            ! find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || break
            sleep 0.1
        done
        [ ! -d "$group" ] || echo "boot-copy: the control group ${group##*/} is still busy, and stays" >&2
    fi
    ! mountpoint -q "$folder" || umount -l "$folder"
    rmdir "$folder"
}

case $1 in
    --unshared) # $2...: script and files; mounts are its own, and control groups are seen from the caller's own downwards
        . "$scripts/jdk.sh"
        group=
        folder=$(mktemp -d "${TMPDIR:-/tmp}/copy.XXXXXX")
        trap leave EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        prepare "$folder" "${@:2}"
        # Not in the namespace that the machine began with: there the mount would set its options for all of the machine.
        mount -t cgroup2 cgroup2 "$folder/cgroup"
        mkdir "$folder/cgroup/ringside-copy-$$"
        group=$folder/cgroup/ringside-copy-$$
        # In the background: signals are acted upon while it is waited for, not after it. Of KILL it dies, too.
        (
            echo "$BASHPID" >"$group/cgroup.procs"
            exec setpriv --pdeathsig KILL \
                unshare --cgroup --pid --fork --kill-child --uts --ipc --net --mount --propagation private "$0" --enter "$folder/root"
        ) </dev/null &
        status=0
        wait "$!" || status=$?
        cat "$folder/root/tmp/check.out"
        exit "$status"
        ;;
    --enter)
        enter "$2"
        ;;
    *)
        exec unshare --mount --cgroup --propagation private "$0" --unshared "$@"
        ;;
esac
