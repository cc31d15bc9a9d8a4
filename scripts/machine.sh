# Sourced by demo.sh and the benchmarks: one daemon and one guest beside it, both ended by machine_stop, which
# belongs into a trap. Needs $scripts, the folder of the scripts; $machine is the folder for sockets and logs.

ringside=${ringside:-$scripts/ringside} # the launcher of the daemon and its client
machine=$(mktemp -d "${TMPDIR:-/tmp}/ringside.XXXXXX")
daemon_pid=
guest_pid=

machine_config() { # $1: MiB of each disk, $2...: ram, null, file; writes $machine/config: each behind a controller of its name;
    # the file has blocks of $block bytes (512)
    local kind more blocks=$(($1 << 11)) disks=() controllers=()
    shift
    for kind in "$@"; do
        more=
        case $kind in
            ram) disks+=('{"method": "bdev_malloc_create", "params": {"name": "ram", "num_blocks": '"$blocks"', "block_size": 512}}') ;;
            null) disks+=('{"method": "bdev_null_create", "params": {"name": "null", "num_blocks": '"$blocks"', "block_size": 512}}') ;;
            file) disks+=('{"method": "bdev_uring_create", "params": {"name": "file", "filename": "'"$machine"'/file", "block_size": '"${block:-512}"'}}') ;;
        esac
        # What perf has for its memory stays where it is.
        [ "$kind" != file ] || more=', "pin_memory": true'
        controllers+=('{"method": "vhost_create_blk_controller", "params": {"ctrlr": "'"$kind"'", "dev_name": "'"$kind"'"'"$more"'}}')
    done
    local IFS=,
    printf '{"subsystems": [{"subsystem": "bdev", "config": [%s]}, {"subsystem": "vhost", "config": [%s]}]}\n' \
        "${disks[*]}" "${controllers[*]}" >"$machine/config"
}

daemon_start() { # $*: more arguments for `ringside serve`, $reactors: its cores (0x1); returns when the daemon is ready
    local deadline=$((SECONDS + 30))
    mkdir -p "$machine/vhost"
    rm -f "$machine/daemon.out" # of a daemon before this one
    "$ringside" serve -m "${reactors:-0x1}" -S "$machine/vhost" -r "$machine/rpc.sock" "$@" \
        >"$machine/daemon.out" 2>"$machine/daemon.log" </dev/null &
    daemon_pid=$!
    until grep -q "^ringside: ready" "$machine/daemon.out" 2>/dev/null; do
        if [ $SECONDS -ge $deadline ] || ! kill -0 "$daemon_pid" 2>/dev/null; then
            echo "ringside: the daemon does not become ready" >&2
            tail -n 20 "$machine/daemon.log" >&2
            return 1
        fi
        sleep 0.02
    done
}

daemon_rpc() { # $1: method, $2: its parameters as JSON
    timeout 30 "$ringside" rpc -r "$machine/rpc.sock" "$@"
}

daemon_stop() { # with SIGTERM; returns the daemon's exit status, 0 for a clean stop
    local pid=$daemon_pid status=0 tenths=0
    [ -n "$pid" ] || return 0
    daemon_pid=
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do
        if [ $((tenths += 1)) -gt 200 ]; then
            echo "ringside: the daemon does not stop in 20 s; killing it" >&2
            kill -KILL "$pid" 2>/dev/null || true
        fi
        sleep 0.1
    done
    wait "$pid" || status=$?
    return "$status"
}

guest_start() { # $1: queues of each disk, $2...: vhost-user sockets of vda, vdb, ...; returns when it has booted
    local queues=$1 socket line disk=0
    local devices=()
    shift
    for socket in "$@"; do
        devices+=(-chardev "socket,id=c$disk,path=$socket")
        devices+=(-device "vhost-user-blk-pci,id=d$disk,chardev=c$disk,num-queues=$queues")
        disk=$((disk + 1))
    done
    if ! guest_boot && kill -0 "$guest_pid" 2>/dev/null && ! grep -q "guest-init: up" "$machine/console.log"; then
        echo "ringside: the kernel of the guest hung before its init: it is started once more" >&2
        guest_stop
        guest_boot || true
    fi
    if [ "$line" != ready ]; then
        echo "ringside: the guest does not boot: ${line:-}" >&2
        tail -n 20 "$machine/qemu.log" "$machine/console.log" >&2
        return 1
    fi
}

guest_boot() { # once; uses and sets what guest_start has
    line=
    coproc GUEST { exec "$scripts/guest-qemu.sh" "$machine/console.log" "${devices[@]}" 2>"$machine/qemu.log"; }
    guest_pid=$GUEST_PID
    exec {guest_in}>&"${GUEST[1]}" {guest_out}<&"${GUEST[0]}" # a subshell may not use a coprocess's own
    read -r -t 90 -u "$guest_out" line
}

guest_run() { # $1: command line, $2: seconds it may take (60); prints its output and returns its exit status
    local line deadline=$((SECONDS + ${2:-60}))
    printf '%s\n' "$1" >&"$guest_in"
    while read -r -t $((deadline > SECONDS ? deadline - SECONDS : 1)) -u "$guest_out" line; do
        case $line in
            "| "*) printf '%s\n' "${line#"| "}" ;;
            "= "*) return "${line#"= "}" ;;
        esac
    done
    echo "ringside: the guest did not finish in ${2:-60} s: $1" >&2
    tail -n 20 "$machine/console.log" >&2
    return 124
}

guest_stop() {
    [ -n "$guest_pid" ] || return 0
    kill -KILL "$guest_pid" 2>/dev/null || true
    wait "$guest_pid" 2>/dev/null || true
    guest_pid=
    exec {guest_in}>&- {guest_out}<&-
}

machine_stop() { # ends both and deletes the folder
    guest_stop
    daemon_stop || true
    rm -rf "$machine"
}
