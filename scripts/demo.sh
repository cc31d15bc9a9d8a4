#!/usr/bin/env bash
# Shows Ringside at work: builds it, serves a disk in RAM and a disk in a file, boots a guest with both, makes
# file systems, and has fio write and verify. Ends with status 0 only when everything was verified.
# On Debian, as root, it installs what is missing; the JDK 25 too where Debian has one.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$scripts/.."
. scripts/packages.sh
. scripts/progress.sh
ringside_need_jdk
ringside_need_packages $RINGSIDE_BUILD_PACKAGES $RINGSIDE_GUEST_PACKAGES
. scripts/machine.sh

build_pid=
disk_folder=
finish() {
    local status=$?
    trap - EXIT INT TERM
    [ -z "$build_pid" ] || kill "$build_pid" 2>/dev/null || true
    if [ $status -ne 0 ]; then
        step "failed, with status $status; the end of the daemon's log:" >&2
        [ ! -e "$machine/daemon.log" ] || tail -n 20 "$machine/daemon.log" >&2
    fi
    machine_stop
    [ -z "$disk_folder" ] || rm -rf "$disk_folder"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

FIO="fio --output-format=json --direct=1 --ioengine=libaio --iodepth=16 --randrepeat=1 --verify=crc32c
    --verify_state_save=0 --continue_on_error=verify"
# name | fio's arguments; what "read back" reads, the write before it has written
WORKLOADS="random write 4k|--rw=randwrite --bs=4k --size=24m --filename=random
random read 4k|--rw=randread --bs=4k --size=24m --filename=random
sequential write 128k|--rw=write --bs=128k --size=96m --filename=sequential
sequential read 128k|--rw=read --bs=128k --size=96m --filename=sequential"
# A row of the table from fio's report: operations, bandwidth and latencies of what the workload is about.
ROW='.jobs[0] | (.total_err // .error) as $errors | .read.total_ios as $verified
    | (if .write.total_ios > 0 then .write else .read end)
    | [.iops, .bw_bytes / 1048576, .clat_ns.mean / 1000, .clat_ns.percentile["99.000000"] / 1000, $verified, $errors]
    | map(tostring) | join(" ")'

show() { # $1: disk, $2: its description; all workloads on a fresh file system
    local name arguments report iops mib mean p99 verified errors
    guest_run "mkfs.ext4 -q /dev/$1 && mount /dev/$1 /mnt/a"
    while IFS='|' read -r name arguments; do
        step "$2: $name"
        if ! report=$(guest_run "cd /mnt/a && $(echo $FIO) --name=job $arguments" 120); then
            printf '%s\n' "$report" | grep -v '^[{} ]' >&2
            bad=$((bad + 1))
        fi
        read -r iops mib mean p99 verified errors < <(sed -n '/^{/,$p' <<<"$report" | jq -r "$ROW")
        printf '%-14s %-22s %9.0f %9.1f %10.0f %10.0f %10d %7d\n' \
            "$2" "$name" "$iops" "$mib" "$mean" "$p99" "$verified" "$errors" >>"$machine/table"
        bad=$((bad + errors))
        [ "$verified" -gt 0 ] || bad=$((bad + 1))
    done <<<"$WORKLOADS"
    guest_run "umount /mnt/a && fsck.ext4 -f -n /dev/$1 >/tmp/fsck 2>&1 || { cat /tmp/fsck; exit 1; }"
}

step "building (scripts/build.sh)"
quietly "$machine/build.log" timeout -k 10 600 scripts/build.sh package -DskipTests
step "kernel and tools for the guest (scripts/guest-image.sh)"
quietly "$machine/image.log" timeout -k 10 600 scripts/guest-image.sh

step "starting the daemon: a disk of 256 MiB in RAM, one of 256 MiB in a file"
mkdir -p target
disk_folder=$(mktemp -d target/demo.XXXXXX)
truncate -s 256M "$disk_folder/disk"
daemon_start
daemon_rpc bdev_malloc_create '{"name": "Malloc0", "num_blocks": 524288, "block_size": 512}' >/dev/null
daemon_rpc bdev_aio_create "{\"name\": \"File0\", \"filename\": \"$PWD/$disk_folder/disk\", \"block_size\": 512, \"fallocate\": true}" >/dev/null
daemon_rpc vhost_create_blk_controller '{"ctrlr": "vhost.0", "dev_name": "Malloc0"}' >/dev/null
daemon_rpc vhost_create_blk_controller '{"ctrlr": "vhost.1", "dev_name": "File0"}' >/dev/null

step "booting the guest ($(scripts/guest-accel.sh))"
guest_start 2 "$machine/vhost/vhost.0" "$machine/vhost/vhost.1"
step "the guest is up and sees:"
guest_run "lsblk -d -o NAME,SIZE,SERIAL,DISC-MAX | sed 's/^/         /'"

bad=0
show vda "RAM disk"
show vdb "file disk"

step "stopping the guest and the daemon"
guest_stop
daemon_stop || { echo "ringside: the daemon did not stop cleanly" >&2; bad=$((bad + 1)); }

printf '\n%-14s %-22s %9s %9s %10s %10s %10s %7s\n' disk workload IOPS MiB/s "mean us" "p99 us" verified errors
cat "$machine/table"
if [ "$bad" -gt 0 ]; then
    printf '\nNot verified: %d errors (%d s)\n' "$bad" "$SECONDS"
    exit 1
fi
printf '\nAll verified, file systems clean, in %d s. The guest is emulated where there is no KVM: its figures say nothing about Ringside.\n' "$SECONDS"
