#!/usr/bin/env bash
# What each of the launcher's JVM settings does: a fresh daemon with the setting turned round, turn and turn about with one as
# it is. Medians: when it answers, its speed, its latencies at queue depth 1, its memory.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/jvm-settings.sh [--quick] [--rounds N] [--time SECONDS] [--only REGEX]
  --quick   a functional pass of one short round of two settings; the figures mean nothing
  --rounds  rounds over all settings (5)
  --time    measured seconds of each load (0.7)
  --only    only settings whose name matches; 'as it is' always runs
END
}
rounds=5 seconds=0.7 warm_up=1 only=.
quick_pass() { rounds=1 seconds=0.2 warm_up=0.1 only='^G1$'; }
. "$(dirname "$0")/common.sh"
options "rounds=rounds time=seconds only=only" "$@"
prepare

settings=(
    "as it is|"
    "no AOT cache|-XX:AOTMode=off"
    "heap grows from 32 MB|-Xms32m"
    "heap touched at start|-XX:+AlwaysPreTouch"
    "young part a third|-Xmn170m"
    "transparent huge pages|-XX:+UseTransparentHugePages"
    "Parallel|-XX:-UseSerialGC -XX:+UseParallelGC"
    "G1|-XX:-UseSerialGC -XX:+UseG1GC"
    "ZGC|-XX:-UseSerialGC -XX:+UseZGC -XX:AOTMode=off"
    "safepoints in counted loops|-XX:+UseCountedLoopSafepoints"
    "performance counters|-XX:+UsePerfData"
    "C1 only|-XX:TieredStopAtLevel=1"
)
machine_config 64 ram null

load() { # $1: setting, $2: what it is called, $3...: options
    "$scripts/ringside" perf vhost --cores 1 --json --time "$seconds" --warm-up "$warm_up" "${@:3}" >"$machine/out" 2>"$machine/err" </dev/null \
        || { cat "$machine/err" >&2; return 1; }
    jq -c --arg setting "$1" --arg load "$2" --argjson start "$start_ms" '. + {setting: $setting, load: $load, start_ms: $start}' \
        "$machine/out" >>"$machine/results"
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

: >"$machine/results"
for ((round = 0; round < rounds; round++)); do
    for setting in "${settings[@]}"; do
        name=${setting%%|*}
        [[ $name == "as it is" || $name =~ $only ]] || continue
        before=$(milliseconds)
        RINGSIDE_JAVA_OPTS=${setting#*|} daemon_start -c "$machine/config"
        start_ms=$(($(milliseconds) - before))
        load "$name" null1 --socket "$machine/vhost/null" --queue-depth 1
        load "$name" ram32 --socket "$machine/vhost/ram" --pattern randwrite --queue-depth 32
        jq -nc --arg setting "$name" --argjson rss "$(awk '/^VmRSS/ { print $2 }' "/proc/$daemon_pid/status")" \
            '{setting: $setting, load: "rss", iops: $rss}' >>"$machine/results"
        daemon_stop
    done
done
printf '%-28s %9s %9s %16s %10s %16s\n' "" "start ms" "RSS MiB" "null QD1 kIOPS" "p99.9 us" "RAM QD32 kIOPS"
for setting in "${settings[@]}"; do
    name=${setting%%|*}
    jq -rs --arg name "$name" '
        def median: sort | .[length / 2 | floor];
        def of($setting; $load): map(select(.setting == $setting and .load == $load));
        def kiops($load): (of($name; $load) | map(.iops) | median / 1000) as $a | (of("as it is"; $load) | map(.iops) | median / 1000) as $b
            | "\($a | round) (\(if $b > 0 then $a / $b * 100 | round / 100 else "-" end))";
        if of($name; "null1") == [] then empty else
        [$name, (of($name; "null1") | map(.start_ms) | median), (of($name; "rss") | map(.iops) | median / 1024 | round),
            kiops("null1"), (of($name; "null1") | map(.latency_us["p99.9"]) | median), kiops("ram32")] | @tsv end' "$machine/results" \
        | awk -F '\t' '{ printf "%-28s %9s %9s %16s %10s %16s\n", $1, $2, $3, $4, $5, $6 }'
done
