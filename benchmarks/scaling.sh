#!/usr/bin/env bash
# Two queues on two reactors against one queue on one reactor, turn and turn about. A reactor and the client's thread that
# drives its queue share a core, and wake each other (interrupt mode, calls on): so two cores are enough, one does all of the
# work of one queue, and a second one with the same work cannot do more than twice as much. Two daemons of one reactor each,
# loaded at the same time, share nothing but the machine: they tell how much of twice that is. Prints medians and ratios.
# The limit: two reactors do at least 1.8 times what one does, or 0.9 of what the two daemons do.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/scaling.sh [--quick] [--rounds N] [--time SECONDS] [--warm-up SECONDS]
  --quick    a functional pass of one short round; the figures mean nothing, and the limit does not count
  --rounds   rounds over both disks (5)
  --time     measured seconds of each load (1)
  --warm-up  seconds before them (1)
END
}
rounds=5 seconds=1 warm_up=1
quick_pass() { rounds=1 seconds=0.2 warm_up=0.1; }
. "$(dirname "$0")/common.sh"
options "rounds=rounds time=seconds warm-up=warm_up" "$@"
prepare
other_pid=
stop() {
    [ -z "$other_pid" ] || kill "$other_pid" 2>/dev/null || true
    [ -z "$other_pid" ] || wait "$other_pid" 2>/dev/null || true
    machine_stop
}
trap stop EXIT

machine_config 64 ram null
reactors=0x3 daemon_start --idle interrupt -c "$machine/config"
for disk in ram null; do # the configuration's own controllers have both reactors
    daemon_rpc vhost_create_blk_controller '{"ctrlr": "'$disk'.1", "dev_name": "'$disk'", "cpumask": "0x1"}' >/dev/null
done

other_start() { # the second daemon, on the second core; returns when it is ready
    local deadline=$((SECONDS + 30))
    mkdir -p "$machine/other"
    "$ringside" serve -m 0x2 -S "$machine/other" -r "$machine/other.sock" --idle interrupt -c "$machine/config" \
        >"$machine/other.out" 2>"$machine/other.log" </dev/null &
    other_pid=$!
    until grep -q "^ringside: ready" "$machine/other.out" 2>/dev/null; do
        if [ $SECONDS -ge $deadline ] || ! kill -0 "$other_pid" 2>/dev/null; then
            echo "scaling: the second daemon does not become ready" >&2
            cat "$machine/other.log" >&2
            return 1
        fi
        sleep 0.05
    done
}

load() { # $1: disk, $2: kind, $3: socket, $4: queues, $5: cores of the client
    local out=$machine/load.$5
    "$scripts/ringside" perf vhost --socket "$machine/$3" --queues "$4" --threads "$4" --cores "$5" --calls on \
        --queue-depth 32 --json --time "$seconds" --warm-up "$warm_up" >"$out" 2>"$out.err" </dev/null \
        || { cat "$out.err" >&2; return 1; }
    jq -c --arg disk "$1" --arg kind "$2" --argjson round "$round" '{disk: $disk, kind: $kind, round: $round, iops}' "$out" \
        >>"$machine/results"
}

other_start
: >"$machine/results"
for ((round = 0; round < rounds; round++)); do
    for disk in ram null; do
        load "$disk" one "vhost/$disk.1" 1 0
        load "$disk" two "vhost/$disk" 2 0,1
        load "$disk" apart "vhost/$disk.1" 1 0 &
        first=$!
        load "$disk" apart "other/$disk" 1 1
        wait "$first"
    done
done
printf '%-6s %18s %18s %8s %18s %8s\n' disk "1 reactor kIOPS" "2 reactors kIOPS" ratio "2 daemons kIOPS" ratio
jq -rs '
    def median: sort | .[length / 2 | floor];
    def kiops($disk; $kind): map(select(.disk == $disk and .kind == $kind)) | group_by(.round)
        | map(map(.iops / 1000) | add) | [median, 0.001] | max;
    ("ram", "null") as $disk | kiops($disk; "one") as $one | kiops($disk; "two") as $two | kiops($disk; "apart") as $apart
    | [$disk, $one, $two, $two / $one, $apart, $apart / $one] | @tsv' "$machine/results" >"$machine/table"
awk -F '\t' '{ printf "%-6s %18.1f %18.1f %8.2f %18.1f %8.2f\n", $1, $2, $3, $4, $5, $6 }' "$machine/table"
[ "$quick" -eq 1 ] || awk -F '\t' '$4 < 1.8 && $3 < 0.9 * $5 { low = 1 } END { exit low }' "$machine/table" \
    || { echo "scaling: under the limit" >&2; exit 1; }
