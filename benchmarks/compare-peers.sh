#!/usr/bin/env bash
# Ringside and qemu-storage-daemon side by side: the same client (scripts/ringside perf vhost), the same disks, turn and
# turn about (A B C A B C). Prints for each cell the medians, how far the runs lie apart, and the ratios; before and after
# it what the machine can do at best, without which the figures say nothing. The third is Ringside with packed rings, which
# qemu-storage-daemon (7.2) does not offer: it is compared with Ringside's own split ones. Beside the cells of a file stands
# what fio gets out of the same file without any daemon: io_uring, registered file and buffers, as many requests in flight.
# The servers run on core 0 (Ringside: its reactor) and fio, the client on core 1, with one thread also for two queues.
set -euo pipefail
usage() {
    cat <<'END'
usage: benchmarks/compare-peers.sh [--quick] [--time SECONDS] [--warm-up SECONDS] [--rounds N] [--only REGEX] [--folder DIR]
       [--json FILE]
  --quick     a functional pass over both servers and all disks in less than half a minute; the figures mean nothing
  --time      measured seconds of each run (1)
  --warm-up   seconds before them (1)
  --rounds    runs of each server in each cell (5)
  --only      only cells whose name matches, such as '^ram randread 4096 qd1 '; a cell takes about 7 s a round
  --folder    where all files are made; the file disk then has blocks of 4 KiB, as large as a drive's may be ($TMPDIR)
  --json      keep all results, one JSON object a line
END
}
seconds=1 warm_up=1 rounds=5 only=. folder= keep=
quick_pass() { :; } # below, where it differs
. "$(dirname "$0")/common.sh"
options "time=seconds warm-up=warm_up rounds=rounds only=only folder=folder json=keep" "$@"
case $rounds in '' | *[!0-9]* | 0) echo "compare-peers: --rounds $rounds: a whole number from 1 on is allowed" >&2; exit 2 ;; esac
if [ -n "$folder" ]; then
    TMPDIR=$(cd "$folder" 2>/dev/null && pwd) || { echo "compare-peers: --folder $folder: there is no such folder" >&2; exit 2; }
    block=4096
fi

prepare qemu-storage-daemon:qemu-system-common fio:fio
# As many MiB as fit no cache; of a functional pass, few.
mib=256
[ "$quick" -eq 0 ] || mib=16
peer_pid=
fast=$(mktemp -d "/dev/shm/ringside.XXXXXX")
stop() {
    [ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null || true
    [ -z "$peer_pid" ] || wait "$peer_pid" 2>/dev/null || true
    machine_stop
    rm -rf "$fast"
}
trap stop EXIT

# No hole in any file: the block layer below must have something to read.
for file in "$fast/ram" "$machine/file" "$machine/peer.file"; do
    head -c $((mib << 20)) /dev/zero | tr '\0' '\245' >"$file"
done
sync "$machine/file" "$machine/peer.file"

ringside_start() {
    machine_config "$mib" ram null file
    daemon_start -c "$machine/config"
}

peer_start() { # a thread of its own for I/O, that polls as long as there is work
    local disk deadline=$((SECONDS + 30))
    local arguments=(
        --object iothread,id=io,poll-max-ns=1000000
        --blockdev "driver=null-co,node-name=null,size=$((mib << 20))"
        --blockdev "driver=file,node-name=shm,filename=$fast/ram"
        --blockdev driver=raw,node-name=ram,file=shm
        --blockdev "driver=file,node-name=disk,filename=$machine/peer.file,aio=io_uring,cache.direct=on"
        --blockdev driver=raw,node-name=file,file=disk
    )
    mkdir -p "$machine/peer"
    for disk in null ram file; do
        arguments+=(--export "type=vhost-user-blk,id=$disk,node-name=$disk,addr.type=unix,addr.path=$machine/peer/$disk,writable=on,num-queues=2,logical-block-size=512,iothread=io")
    done
    taskset -c 0 qemu-storage-daemon "${arguments[@]}" >"$machine/peer.log" 2>&1 </dev/null &
    peer_pid=$!
    until [ -S "$machine/peer/file" ]; do
        if [ $SECONDS -ge $deadline ] || ! kill -0 "$peer_pid" 2>/dev/null; then
            echo "compare-peers: qemu-storage-daemon does not start" >&2
            cat "$machine/peer.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

run() { # $1: server, or packed for Ringside so, $2: disk, $3...: more arguments; appends a line to $machine/results
    local server=$1 disk=$2 folder=$machine/vhost ring=split status=0
    shift 2
    case $server in
        peer) folder=$machine/peer ;;
        packed) ring=packed ;;
    esac
    timeout 300 "$scripts/ringside" perf vhost --socket "$folder/$disk" --ring "$ring" --cores 1 --threads 1 --json "$@" >"$machine/out" 2>"$machine/err" </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        echo "compare-peers: $server, $disk disk, $*: status $status" >&2
        tail -n 5 "$machine/err" >&2
        return 1
    fi
    jq -c --arg server "$server" --arg cell "$cell" '. + {server: $server, cell: $cell}' "$machine/out" >>"$machine/results"
}

milliseconds() { # $1: seconds, as fio wants them
    awk -v s="$1" 'BEGIN { printf "%dms", s * 1000 }'
}

plain() { # $1: pattern, $2: bytes, $3: requests in flight; the load on Ringside's file without a daemon
    fio --name=plain --filename="$machine/file" --size="${mib}M" --direct=1 --ioengine=io_uring --registerfiles --fixedbufs \
        --rw="$1" --bs="$2" --iodepth="$3" --norandommap --randrepeat=0 --scramble_buffers=0 --cpus_allowed=0 --time_based \
        --ramp_time="$(milliseconds "$warm_up")" --runtime="$(milliseconds "$seconds")" --output-format=json \
        >"$machine/out" 2>"$machine/err" </dev/null || { tail -n 5 "$machine/err" >&2; return 1; }
    jq -c --arg cell "$cell" '{server: "fio", cell: $cell, iops: (.jobs[0] | .read.iops + .write.iops)}' \
        "$machine/out" >>"$machine/results"
}

limits() { # $1: when
    echo "limits $1: load average $(cut -d ' ' -f 1 /proc/loadavg)"
    "$scripts/ringside" perf limits --cores 0,1 | sed 's/^/  /'
}

show() { # the cell's line
    jq -rs --arg cell "$cell" '
        def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
        def of($server): map(select(.cell == $cell and .server == $server));
        # On a machine that has no time for it, a short run may end without a single request.
        def over($b): if $b == 0 then 0 else . / $b end;
        def spread: median as $m | (max - min) * 100 | over($m);
        def kiops: map(.iops / 1000);
        def ratio($a; $b): ($b | kiops | median) as $under | $a | kiops | median | over($under);
        of("ringside") as $a | of("peer") as $b | of("packed") as $c | of("fio") as $d
        | [$cell, ($a | kiops | median), ($a | kiops | spread), ($b | kiops | median), ($b | kiops | spread),
           ratio($a; $b),
           ($a | map(.latency_us.p50) | median), ($b | map(.latency_us.p50) | median),
           ($c | kiops | median), ($c | kiops | spread), ratio($c; $a)]
          + (if $d == [] then [] else
             [($d | kiops | median), ($d | kiops | spread), ratio($a; $d)] end)
        | @tsv' "$machine/results" \
        | awk -F '\t' '{
            printf "%-28s %9.1f %4.0f %% %9.1f %4.0f %% %7.2f %9.1f %9.1f %9.1f %4.0f %% %7.2f", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
            if (NF > 11) printf " %9.1f %4.0f %% %7.2f", $12, $13, $14
            printf "\n" }'
}

cell_of() { # $1: disk, $2: pattern, $3: bytes, $4: depth, $5: queues, $6...: more arguments
    local disk=$1 round
    local load=(--pattern "$2" --block-size "$3" --queue-depth "$4" --queues "$5" --time "$seconds" --warm-up "$warm_up")
    cell="$1 $2 $3 qd$4 q$5"
    [[ "$cell " =~ $only ]] || return 0
    [ "$disk" != file ] || [ "$3" -ge "${block:-512}" ] || return 0
    for ((round = 0; round < rounds; round++)); do
        run ringside "$disk" "${load[@]}" "${@:6}"
        run peer "$disk" "${load[@]}" "${@:6}"
        run packed "$disk" "${load[@]}" "${@:6}"
        [ "$disk" != file ] || plain "$2" "$3" $(($4 * $5))
    done
    show
}

ringside_start
peer_start
: >"$machine/results"
# A disk of which nothing was written would read from one page that is always in the cache.
for server in ringside peer; do
    cell=fill run "$server" ram --pattern write --block-size 1M --queue-depth 4 --fill --time 0.1 --warm-up 0
done
[ "$quick" -eq 1 ] || limits before
printf '%-28s %16s %16s %7s %9s %9s %16s %7s %16s %7s\n' \
    "" "Ringside kIOPS" "qemu kIOPS" ratio "p50 us" "qemu us" "packed kIOPS" "/ split" "fio kIOPS" ratio
if [ "$quick" -eq 1 ]; then
    rounds=1 seconds=0.3 warm_up=0.2
    cell_of null randread 4096 32 1
    cell_of ram randrw 4096 8 1 --verify
    cell_of file randrw 4096 8 1 --verify --range 4M
    cell_of ram write 131072 4 2 --verify
else
    for disk in ram null file; do
        for load in "randread 4096" "randwrite 4096" "randwrite 512" "read 131072"; do
            for queues in 1 2; do
                for depth in 1 32 128; do
                    # shellcheck disable=SC2086  # two words
                    cell_of "$disk" $load "$depth" "$queues"
                done
            done
        done
    done
fi
limits after
[ -z "$keep" ] || cp "$machine/results" "$keep"
