#!/usr/bin/env bash
# What an idle daemon costs while a guest with one disk is attached: processor time of all its threads over 10 s,
# from /proc/PID/stat, in each idle mode. Fails when adaptive or interrupt takes 1 % of a core or more.
set -euo pipefail
scripts=$(cd "$(dirname "$0")/../scripts" && pwd)
. "$scripts/packages.sh"
ringside_need_packages $RINGSIDE_GUEST_PACKAGES
. "$scripts/machine.sh"
trap machine_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

settle_seconds=5
measured_seconds=10
ticks_per_second=$(getconf CLK_TCK)

processor_ticks() { # of all threads of process $1; the name in parentheses may hold spaces
    sed 's/^.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

failed=0
printf '%-10s %12s %12s %8s\n' mode "CPU ms" "% of a core" limit
for mode in poll adaptive interrupt; do
    daemon_start --idle "$mode"
    daemon_rpc bdev_malloc_create '{"name": "Malloc0", "num_blocks": 131072, "block_size": 512}' >/dev/null
    daemon_rpc vhost_create_blk_controller '{"ctrlr": "vhost.0", "dev_name": "Malloc0"}' >/dev/null
    guest_start 1 "$machine/vhost/vhost.0"
    # Some work first: what is measured is a daemon that has gone to sleep again, not one that never woke.
    guest_run "dd if=/dev/vda of=/dev/null bs=64k count=256 iflag=direct status=none"
    sleep "$settle_seconds"
    before=$(processor_ticks "$daemon_pid")
    sleep "$measured_seconds"
    ticks=$(($(processor_ticks "$daemon_pid") - before))
    guest_run "dd if=/dev/vda of=/dev/null bs=64k count=16 iflag=direct status=none" # it is still awake to us
    guest_stop
    daemon_stop

    limit="< 1 %"
    [ "$mode" != poll ] || limit=none
    awk -v mode="$mode" -v limit="$limit" -v seconds="$measured_seconds" -v ticks="$ticks" -v rate="$ticks_per_second" \
        'BEGIN { printf "%-10s %12d %12.2f %8s\n", mode, ticks * 1000 / rate, ticks * 100 / rate / seconds, limit }'
    if [ "$mode" != poll ] && [ $((ticks * 100)) -ge $((ticks_per_second * measured_seconds)) ]; then
        failed=1
    fi
done
if [ "$failed" -ne 0 ]; then
    echo "idle: over the limit" >&2
    exit 1
fi
