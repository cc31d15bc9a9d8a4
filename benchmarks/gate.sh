#!/usr/bin/env bash
# The regression gate: what the data plane makes of what this machine can do in the same minute. Each cell is a ratio of a
# load's speed to a limit that was measured right before it, and has to reach what benchmarks/gate.thresholds asks; the
# median over the rounds counts. A table tells all, and the status is 1 if a cell does not.
# The units:  rtt     part of the time of a request that two cache-line round trips take (queue depth 1; 1 is the limit)
#             per-rtt requests in the time of one cache-line round trip
#             copies  requests for each 4 KiB that one core can copy
#             split   packed for each split
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/gate.sh [--quick] [--rounds N] [--time SECONDS] [--warm-up SECONDS]
  --quick    a functional pass of one short round; the figures mean nothing, and the thresholds do not count
  --rounds   rounds over all cells (5)
  --time     measured seconds of each cell (0.7)
  --warm-up  seconds before them (0.7)
END
}
rounds=5 seconds=0.7 warm_up=0.7
quick_pass() { rounds=1 seconds=0.2 warm_up=0.1; }
. "$(dirname "$0")/common.sh"
options "rounds=rounds time=seconds warm-up=warm_up" "$@"
thresholds=$home/benchmarks/gate.thresholds
prepare

machine_config 256 ram null
daemon_start -c "$machine/config"

load() { # $1: cell, $2...: options
    "$scripts/ringside" perf vhost --cores 1 --json --time "$seconds" --warm-up "$warm_up" "${@:2}" >"$machine/out" 2>"$machine/err" </dev/null \
        || { cat "$machine/err" >&2; return 1; }
    jq -c --arg cell "$1" --slurpfile limits "$machine/limits" '{cell: $cell, iops, limits: $limits[0]}' "$machine/out" >>"$machine/results"
}

: >"$machine/results"
"$scripts/ringside" perf vhost --socket "$machine/vhost/ram" --cores 1 --pattern write --block-size 1M --fill --time 0.1 --warm-up 0 >/dev/null 2>&1
for ((round = 0; round < rounds; round++)); do
    while read -r cell unit least options; do
        [[ $cell != \#* && -n $cell ]] || continue
        [ "$quick" -eq 1 ] && [ -e "$machine/limits" ] || "$scripts/ringside" perf limits --cores 0,1 --json >"$machine/limits"
        disk=${options%% *}
        # shellcheck disable=SC2086  # words
        load "$cell" --socket "$machine/vhost/$disk" ${options#"$disk"}
    done <"$thresholds"
done

failed=0
printf '%-24s %10s %8s %10s %10s\n' cell kIOPS ratio "at least" unit
while read -r cell unit least options; do
    [[ $cell != \#* && -n $cell ]] || continue
    line=$(jq -rs --arg cell "$cell" --arg unit "$unit" --arg least "$least" '
        def median: sort | .[length / 2 | floor];
        def of($name): map(select(.cell == $name));
        . as $all | of($cell) | map(.iops) as $iops
        | (if $unit == "rtt" then map(2 * .limits.cache_line_round_trip_ns * .iops / 1e9)
           elif $unit == "per-rtt" then map(.limits.cache_line_round_trip_ns * .iops / 1e9)
           elif $unit == "copies" then map(.iops / .limits.copies_4k_per_s)
           elif $unit == "split" then ($all | of($cell | sub("packed"; "split")) | map(.iops) | median) as $split | map(if $split > 0 then .iops / $split else 0 end)
           else error("unit " + $unit) end | median) as $ratio
        | [($iops | median / 1000), $ratio, $ratio >= ($least | tonumber)] | @tsv' "$machine/results")
    read -r kiops ratio enough <<<"$line"
    mark=
    if [ "$enough" != true ] && [ "$quick" -eq 0 ]; then
        failed=1 mark="  <-- below"
    fi
    printf '%-24s %10.1f %8.3f %10s %10s%s\n' "$cell" "$kiops" "$ratio" "$least" "$unit" "$mark"
done <"$thresholds"
exit "$failed"
