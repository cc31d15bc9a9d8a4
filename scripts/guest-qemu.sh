#!/usr/bin/env bash
# Becomes a QEMU that boots the test guest: guest-qemu.sh CONSOLE_LOG [QEMU ARGUMENT...]
# The guest takes commands on standard input and answers on standard output (the protocol: guest-init); when
# standard input ends, it powers off. GUEST_MEMORY is in MiB (512), GUEST_VCPUS a number (2),
# GUEST_KERNEL_ARGUMENTS what else the kernel is told. GUEST_TOOLS are programs, with commas between them, for a guest that
# shall be migrated; others have the host's file system. GUEST_RECENT_QEMU asks for the QEMU of recent-qemu.sh,
# GUEST_KERNEL=vfio for the kernel of vfio-kernel.sh, GUEST_ONE_THREAD for one thread that emulates all processors.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/packages.sh"
# shellcheck disable=SC2086  # none, or one
image=$("$scripts/guest-image.sh" ${GUEST_KERNEL:-})
accelerator=$("$scripts/guest-accel.sh")
[ -z "${GUEST_ONE_THREAD:-}" ] || accelerator=${accelerator/thread=multi/thread=single}
qemu=qemu-system-x86_64
[ -z "${GUEST_RECENT_QEMU:-}" ] || qemu=$("$scripts/recent-qemu.sh")
console=$1
shift
exec "$qemu" -nodefaults -no-user-config -no-reboot -display none \
    -machine q35,memory-backend=mem -accel "$accelerator" -cpu max -smp "${GUEST_VCPUS:-2}" \
    -object "memory-backend-memfd,id=mem,share=on,size=${GUEST_MEMORY:-512}M" \
    -kernel "$image/vmlinuz" -initrd "$image/initramfs" \
    -append "console=ttyS0 loglevel=5 panic=-1 nokaslr mitigations=off random.trust_cpu=on${GUEST_TOOLS:+ RINGSIDE_TOOLS=$GUEST_TOOLS} ${GUEST_KERNEL_ARGUMENTS:-}" \
    -chardev "file,id=console,path=$console" -serial chardev:console \
    -chardev stdio,id=shell,signal=off -device virtio-serial-pci \
    -device virtserialport,chardev=shell,name=org.ringside.shell \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
    "$@"
