#!/usr/bin/env bash
# What a reactor allocates while a front end loads its disks: nothing for a request, of any disk and with either kind of rings,
# with interrupts, histograms, and requests in flight tracked. Tests count the same of the parts; this asks a whole daemon, with
# jcmd, since what the compiler makes of a part depends on what else the program does.
# Prints a table; status 1 if more than 1 KiB a second was allocated, some of which the watch's questions take, or if fewer than
# a million requests were made.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/allocation.sh [--quick] [--time SECONDS] [--warm-up SECONDS]
  --quick    fewer requests, of which nothing is allocated either
  --time     measured seconds of each load (10)
  --warm-up  seconds before them, in which the compiler does its work (4)
END
}
seconds=10 warm_up=4
quick_pass() { seconds=0.5 warm_up=2; }
. "$(dirname "$0")/common.sh"
options "time=seconds warm-up=warm_up" "$@"
prepare
. "$scripts/jdk.sh"
most=$(awk -v seconds="$seconds" 'BEGIN { print int(1024 * (seconds + 1)) }')
load_pid=
stop() {
    [ -z "$load_pid" ] || kill "$load_pid" 2>/dev/null || true
    machine_stop
}
trap stop EXIT

allocated() { # bytes that the reactor's thread has allocated since it was started, of which jcmd tells KiB
    "$JAVA_HOME/bin/jcmd" "$daemon_pid" Thread.print -e | sed -n 's/^"reactor_0".* allocated=\([0-9]*[A-Z]\).*/\1/p' \
        | grep . | tr -d B | numfmt --from=iec || { echo "allocation: jcmd tells nothing of reactor_0" >&2; return 1; }
}

truncate -s 64M "$machine/file"
machine_config 64 null ram file
daemon_start -c "$machine/config"
printf '%-8s %-8s %12s %12s %20s\n' disk rings requests "KiB in all" "bytes a request"
failed=0
for disk in null ram file; do
    daemon_rpc bdev_enable_histogram '{"name":"'"$disk"'","enable":true}' >/dev/null
    for rings in split packed; do
        rm -f "$machine/err" # of the load before this one
        "$scripts/ringside" perf vhost --socket "$machine/vhost/$disk" --cores 1 --pattern randrw --queue-depth 8 --calls on \
            --inflight on --ring "$rings" --warm-up "$warm_up" --time 3600 --json >"$machine/out" 2>"$machine/err" </dev/null &
        load_pid=$!
        until grep -q '^ringside: measuring' "$machine/err" 2>/dev/null; do
            kill -0 "$load_pid" 2>/dev/null || { cat "$machine/err" >&2; exit 1; }
            sleep 0.1
        done
        for _ in {1..5}; do # on a busy machine the compiler takes its time
            before=$(allocated) from=$EPOCHREALTIME
            sleep "$seconds"
            to=$EPOCHREALTIME after=$(allocated)
            bytes=$((after - before))
            [ "$bytes" -gt "$most" ] || break
        done
        kill -TERM "$load_pid" || true
        status=0
        wait "$load_pid" || status=$?
        load_pid=
        [ "$status" -eq 0 ] || { cat "$machine/err" >&2; exit 1; }
        requests=$(jq --argjson from "$from" --argjson to "$to" '.iops * ($to - $from) | floor' "$machine/out")
        awk -v disk="$disk" -v rings="$rings" -v requests="$requests" -v bytes="$bytes" -v most="$most" \
            -v least=$((quick ? 1 : 1000000)) 'BEGIN {
                printf "%-8s %-8s %12d %12.1f %20.4f\n", disk, rings, requests, bytes / 1024, requests ? bytes / requests : 0
                exit bytes > most || requests < least
            }' || failed=1
    done
done
[ "$failed" -eq 0 ] || { echo "allocation: over 1 KiB a second, or less than a million requests" >&2; exit 1; }
