#!/usr/bin/env bash
# Two queues on two reactors against one queue on one reactor, turn and turn about. A reactor and the client's thread that
# drives its queue share a core, and wake each other (interrupt mode, calls on): so two cores are enough, one does all of the
# work of one queue, and a second one with the same work cannot do more than twice as much. Prints the medians and the ratio.
# The limit: two reactors do at least 1.8 times what one does.
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
quick=0 rounds=5 seconds=1 warm_up=1
while [ $# -gt 0 ]; do
    case $1 in
        --quick) quick=1 rounds=1 seconds=0.2 warm_up=0.1 ;;
        --rounds) rounds=${2:?} && shift ;;
        --time) seconds=${2:?} && shift ;;
        --warm-up) warm_up=${2:?} && shift ;;
        -h | --help) usage; exit 0 ;;
        *) echo "scaling: $1: that is not an option" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
home=$(cd "$(dirname "$0")/.." && pwd)
scripts=$home/scripts
. "$scripts/packages.sh"
ringside_need_packages jq:jq
. "$scripts/machine.sh"
trap machine_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

machine_config 64 ram null
reactors=0x3 daemon_start --idle interrupt -c "$machine/config"
for disk in ram null; do # the configuration's own controllers have both reactors
    daemon_rpc vhost_create_blk_controller '{"ctrlr": "'$disk'.1", "dev_name": "'$disk'", "cpumask": "0x1"}' >/dev/null
done

load() { # $1: disk, $2: reactors, $3: socket, $4: cores of the client
    "$scripts/ringside" perf vhost --socket "$machine/vhost/$3" --queues "$2" --threads "$2" --cores "$4" --calls on \
        --queue-depth 32 --json --time "$seconds" --warm-up "$warm_up" >"$machine/out" 2>"$machine/err" </dev/null \
        || { cat "$machine/err" >&2; return 1; }
    jq -c --arg disk "$1" --argjson reactors "$2" '{disk: $disk, reactors: $reactors, iops}' "$machine/out" >>"$machine/results"
}

: >"$machine/results"
for ((round = 0; round < rounds; round++)); do
    for disk in ram null; do
        load "$disk" 1 "$disk.1" 0
        load "$disk" 2 "$disk" 0,1
    done
done
printf '%-8s %18s %18s %8s\n' disk "1 reactor kIOPS" "2 reactors kIOPS" ratio
jq -rs '
    def median: sort | .[length / 2 | floor];
    def kiops($disk; $reactors): map(select(.disk == $disk and .reactors == $reactors) | .iops / 1000) | median;
    ("ram", "null") as $disk | kiops($disk; 1) as $one | kiops($disk; 2) as $two | [$disk, $one, $two, $two / ([$one, 0.001] | max)] | @tsv' \
    "$machine/results" >"$machine/table"
awk -F '\t' '{ printf "%-8s %18.1f %18.1f %8.2f\n", $1, $2, $3, $4 }' "$machine/table"
[ "$quick" -eq 1 ] || awk -F '\t' '$4 < 1.8 { low = 1 } END { exit low }' "$machine/table" \
    || { echo "scaling: under the limit" >&2; exit 1; }
