#!/usr/bin/env bash
# Ten minutes at queue depth 1 while the control plane is busy: how long do the longest requests take, and what did the JVM
# do meanwhile? Prints the latencies with their picture, p99.99 over p50, the calls, the JVM's pauses, and what the hypervisor took.
# The limit, on a machine where nothing else runs: p99.99 is at most 3 times p50.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/long-run.sh [--quick] [--seconds N] [--rate CALLS] [--disk ram|null] [--calls on|off]
  --quick    a functional pass of a second; the figures mean nothing, and the limit does not count
  --seconds  how long (600)
  --rate     RPC calls a second: statistics, lists, disks made and deleted (20)
  --disk     what is loaded (ram)
  --calls    whether the client sleeps until it is called, or polls (off)
END
}
seconds=600 warm_up=10 rate=20 disk=ram calls=off
quick_pass() { seconds=1 warm_up=0.2; }
. "$(dirname "$0")/common.sh"
options "seconds=seconds rate=rate disk=disk calls=calls" "$@"
prepare
calls_pid=
stop() {
    [ -z "$calls_pid" ] || kill "$calls_pid" 2>/dev/null || true
    machine_stop
}
trap stop EXIT
taken() { # by the hypervisor so far: seconds of all cores together
    awk -v hz="$(getconf CLK_TCK)" '$1 == "cpu" { print $9 / hz }' /proc/stat
}

machine_config 256 ram null
RINGSIDE_JAVA_OPTS="-Xlog:gc,safepoint:file=$machine/pauses ${RINGSIDE_JAVA_OPTS-}" daemon_start -c "$machine/config"
[ "$quick" -eq 1 ] || "$scripts/ringside" perf limits --cores 0,1
before=$(taken)
whole=$(awk -v s="$seconds" -v w="$warm_up" 'BEGIN { print s + w }')
"$scripts/ringside" perf calls --rpc-socket "$machine/rpc.sock" --rate "$rate" --time "$whole" >"$machine/calls" 2>&1 </dev/null &
calls_pid=$!
"$scripts/ringside" perf vhost --socket "$machine/vhost/$disk" --cores 1 --pattern randread --queue-depth 1 --fill \
    --calls "$calls" --warm-up "$warm_up" --time "$seconds" --json >"$machine/out" 2>"$machine/err" </dev/null || { cat "$machine/err" >&2; exit 1; }
status=0
wait "$calls_pid" || status=$?
calls_pid=
[ "$status" -eq 0 ] || { cat "$machine/calls" >&2; exit 1; }

jq -r '.latency_us.picture[]' "$machine/out"
jq -r '"p50 \(.latency_us.p50) us, p99.9 \(.latency_us["p99.9"]) us, p99.99 \(.latency_us["p99.99"]) us, max \(.latency_us.max) us: "
    + "p99.99 is \(.latency_us["p99.99"] / .latency_us.p50 * 100 | round / 100) times p50, of \(.requests) requests"' "$machine/out"
echo "RPC meanwhile: $(cat "$machine/calls")"
awk '/Pause/ { gcs++; sub(/ms.*/, "", $NF); ms = $NF + 0; if (ms > longest) longest = ms }
     /Safepoint/ { safepoints++ }
     END { printf "JVM: %d collections, the longest %.1f ms; %d safepoints\n", gcs, longest, safepoints }' "$machine/pauses"
awk -v before="$before" -v after="$(taken)" -v whole="$whole" -v cores="$(nproc)" \
    'BEGIN { printf "hypervisor: took %.1f s of the %.0f s of %d cores\n", after - before, whole * cores, cores }'
[ "$quick" -eq 1 ] || jq -e '.latency_us["p99.99"] <= 3 * .latency_us.p50' "$machine/out" >/dev/null \
    || { echo "long-run: over the limit" >&2; exit 1; }
