#!/usr/bin/env bash
# What each layer costs: requests to a null disk at queue depth 32 with one layer more than without, turn and turn about.
# Prints medians in ns per request, and the difference to the request without. Where the difference is small the client is
# what limits both, and the layer costs nothing.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/layers.sh [--quick] [--rounds N] [--time SECONDS] [--warm-up SECONDS]
  --quick    a functional pass of one short round; the figures mean nothing
  --rounds   rounds over all layers (5)
  --time     measured seconds of each load (0.5)
  --warm-up  seconds before them (0.5)
END
}
rounds=5 seconds=0.5 warm_up=0.5
quick_pass() { rounds=1 seconds=0.2 warm_up=0.1; }
. "$(dirname "$0")/common.sh"
options "rounds=rounds time=seconds warm-up=warm_up" "$@"
prepare

# What it is called | options of perf vhost | call that adds it | call that takes it away
layers=(
    "none|||"
    "indirect descriptors|--indirect on||"
    "a packed ring|--ring packed||"
    "requests in flight tracked|--inflight on||"
    "the same, in a packed ring|--ring packed --inflight on||"
    'a limit that is never reached||bdev_set_qos_limit {"name":"null","rw_ios_per_sec":1000000000}|bdev_set_qos_limit {"name":"null","rw_ios_per_sec":0}'
    'histograms||bdev_enable_histogram {"name":"null","enable":true}|bdev_enable_histogram {"name":"null","enable":false}'
)
machine_config 64 null
daemon_start -c "$machine/config"
[ "$quick" -eq 1 ] || "$scripts/ringside" perf limits --cores 0,1

call() { # $1: method and parameters; empty: none
    # shellcheck disable=SC2086  # two words
    [ -z "$1" ] || daemon_rpc $1 >/dev/null
}

: >"$machine/results"
for ((round = 0; round < rounds; round++)); do
    for layer in "${layers[@]}"; do
        IFS='|' read -r name options add remove <<<"$layer"
        call "$add"
        # shellcheck disable=SC2086  # several words
        "$scripts/ringside" perf vhost --socket "$machine/vhost/null" --cores 1 --queue-depth 32 --json $options \
            --time "$seconds" --warm-up "$warm_up" >"$machine/out" 2>"$machine/err" </dev/null \
            || { cat "$machine/err" >&2; exit 1; }
        call "$remove"
        jq -c --arg name "$name" '{name: $name, ns: (1e9 / ([.iops, 1] | max))}' "$machine/out" >>"$machine/results"
    done
done
printf '%-32s %16s %16s\n' layer "ns per request" difference
jq -rs '
    def median: sort | .[length / 2 | floor];
    def ns($name): map(select(.name == $name) | .ns) | median;
    . as $all | ns("none") as $without
    | reduce .[].name as $name ([]; if index($name) then . else . + [$name] end)
    | .[] | . as $name | ($all | ns($name)) as $ns | [$name, $ns, $ns - $without] | @tsv' "$machine/results" \
    | awk -F '\t' '{ printf "%-32s %16.1f %16.1f\n", $1, $2, $3 }'
