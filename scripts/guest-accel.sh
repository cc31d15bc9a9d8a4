#!/usr/bin/env bash
# Prints the value for QEMU's -accel: kvm where a guest really boots with it, else tcg. There are machines
# whose /dev/kvm can be opened and then hangs at boot, so one boot is tried, once for each boot of the machine.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
cache=${RINGSIDE_CACHE:-${HOME:-/root}/.cache/ringside}

if ! { : <>/dev/kvm; } 2>/dev/null; then
    echo tcg,thread=multi
    exit
fi
verdict=$cache/accel-$(cat /proc/sys/kernel/random/boot_id)
if [ ! -s "$verdict" ]; then
    image=$("$scripts/guest-image.sh")
    console=$(mktemp "$cache/.kvm-probe.XXXXXX")
    trap 'rm -f "$console"' EXIT
    (timeout -k 1 8 qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine q35 -accel kvm \
        -cpu max -m 256 -kernel "$image/vmlinuz" -initrd "$image/initramfs" -append "console=ttyS0 panic=-1" \
        -serial "file:$console" </dev/null) >/dev/null 2>&1 || true
    rm -f "$cache"/accel-*
    if grep -q "guest-init: up" "$console"; then
        echo kvm >"$verdict"
    else
        echo tcg,thread=multi >"$verdict"
    fi
fi
cat "$verdict"
