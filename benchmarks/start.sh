#!/usr/bin/env bash
# How a fresh daemon starts: when it answers on its vhost-user socket and on its RPC socket, when its first request is done,
# and how its speed rises: of the build with its AOT cache and without, and of the archive, unpacked; turn and turn about.
# Medians. The limits, which are the archive's: it answers in less than 300 ms, and reaches 90 % of its steady IOPS within 2 s of
# load. A build starts later: it has the JDK's modules to find, and more of them.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/start.sh [--quick] [--rounds N] [--time SECONDS] [--json FILE]
  --quick   a functional pass of one short round; the figures mean nothing, and the limits do not count
  --rounds  starts of each kind (5)
  --time    seconds of load after each (5)
  --json    keep all results, one JSON object a line
END
}
rounds=5 seconds=5 warm_up=3 keep=
quick_pass() { rounds=1 seconds=1 warm_up=0.5; }
. "$(dirname "$0")/common.sh"
options "rounds=rounds time=seconds json=keep" "$@"
prepare
cache=$home/target-daemon/target/ringside/aot/serve.aot
[ -e "$cache" ] || { echo "start: there is no AOT cache: scripts/aot.sh makes it" >&2; exit 3; }

mkdir -p "$machine/vhost" "$machine/archive"
machine_config 64 ram
tar -C "$machine/archive" --strip-components=1 -xzf "$home"/dist/target/ringside-*-linux-x64.tar.gz

once() { # $1: kind, $2: launcher, $3: more options for the daemon's JVM
    "$scripts/ringside" perf start --socket "$machine/vhost/ram" --rpc-socket "$machine/rpc.sock" --json \
        --warm-up "$warm_up" --time "$seconds" -- env RINGSIDE_JAVA_OPTS="${RINGSIDE_JAVA_OPTS-} $3" \
        "$2" serve -m 0x1 -S "$machine/vhost" -r "$machine/rpc.sock" -c "$machine/config" \
        >"$machine/out" 2>"$machine/err" </dev/null || { cat "$machine/err" "$machine/out" >&2; return 1; }
    if [ "$1" != none ] && grep -q "AOT cache" "$machine/err"; then
        grep "AOT cache" "$machine/err" >&2
        return 1
    fi
    jq -c --arg kind "$1" '. + {kind: $kind}' "$machine/out" >>"$machine/results"
}

for ((round = 0; round < rounds; round++)); do
    once cache "$scripts/ringside" ""
    once archive "$machine/archive/bin/ringside" ""
    once none "$scripts/ringside" -XX:AOTMode=off
done
[ -z "$keep" ] || cp "$machine/results" "$keep"
jq -rs '
    def median: sort | .[length / 2 | floor];
    def of($kind): map(select(.kind == $kind));
    def shares: map(.shares) | transpose | map(median * 100 | round | tostring + " %") | .[0:12] | join(" ");
    def line($name): [$name, (map(.vhost_ms) | median | round), (map(.rpc_ms) | median | round),
        (map(.request_ms) | median | round), (map(.steady_iops) | median / 1000 | round),
        (map(.seconds_to_90_percent) | median), shares] | @tsv;
    (of("cache") | line("AOT cache")), (of("archive") | line("archive")), (of("none") | line("without"))' "$machine/results" \
    | awk -F '\t' 'BEGIN { printf "%-10s %9s %9s %12s %13s %10s  %s\n", "", "vhost ms", "RPC ms", "1st I/O ms", "steady kIOPS", "90 % in s", "share of it in each 250 ms" }
        { printf "%-10s %9s %9s %12s %13s %10s  %s\n", $1, $2, $3, $4, $5, $6, $7 }'
[ "$quick" -eq 1 ] || jq -es '
    def median: sort | .[length / 2 | floor];
    def within($kind): map(select(.kind == $kind)) | (map([.vhost_ms, .rpc_ms] | max) | median < 300)
        and (map(.seconds_to_90_percent) | median <= 2);
    within("archive")' \
    "$machine/results" >/dev/null || { echo "start: over the limits" >&2; exit 1; }
