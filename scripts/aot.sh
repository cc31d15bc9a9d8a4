#!/usr/bin/env bash
# Makes the AOT caches (JEP 483, 514, 515) that the launcher gives to the JVM: classes loaded and linked, and how often
# each method and branch was run, so that a fresh daemon starts and warms up in a fraction of the time. A daemon is trained
# under load through virtqueues of both formats and with calls over its socket, a client with one call. scripts/build.sh
# runs this after it has packaged everything.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$scripts")
. "$scripts/jdk.sh"
seconds=0.7 # under each load
built=$home/target-daemon/target/ringside
out=$built/aot

up_to_date() { # nothing that the caches depend on is newer
    local needed
    [ -e "$out/serve.aot" ] && [ -e "$out/client.aot" ] || return 1
    for needed in "$built"/lib/*.jar "$JAVA_HOME/release" "$scripts/ringside" "$scripts/aot.sh"; do
        [ ! "$needed" -nt "$out/client.aot" ] || return 1
    done
}

case "$*" in
    "") ;;
    --if-stale) ! up_to_date || exit 0 ;;
    *)
        echo "usage: scripts/aot.sh [--if-stale]" >&2
        exit 2
        ;;
esac
rm -rf "$out"
mkdir -p "$out"
. "$scripts/machine.sh"
stop() {
    local status=$?
    machine_stop
    rm -f "$out"/*.conf
    [ "$status" -eq 0 ] || rm -rf "$out"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# picocli's classes are too old to be kept in a cache as they are.
"$JAVA_HOME/bin/java" "$home/build-config/StackMaps.java" "$built/lib/picocli.jar"

recording() { # $1: name; prints the options of a JVM that is watched
    echo "-XX:AOTMode=record -XX:AOTConfiguration=$out/$1.conf -Xlog:aot=error -Xlog:cds=error"
}

assemble() { # $1: name; makes the cache of what was recorded
    # Only G1 can write objects into a cache; any collector of this machine can read them.
    "$JAVA_HOME/bin/java" -XX:AOTMode=create -XX:AOTConfiguration="$out/$1.conf" -XX:AOTCache="$out/$1.aot" \
        -Xmx256m -XX:+UseG1GC -Xlog:aot=error -Xlog:cds=error --enable-native-access=dev.ringside.env \
        --module-path "$built/lib" --module dev.ringside.daemon/dev.ringside.daemon.cli.Main >"$machine/create.log" 2>&1 \
        || { cat "$machine/create.log" >&2; return 1; }
}

load() { # $1: disk, $2...: more arguments
    "$scripts/ringside" perf vhost --socket "$machine/vhost/$1" --warm-up 0 --time "$seconds" "${@:2}" >"$machine/load.log" 2>&1 \
        || { cat "$machine/load.log" >&2; return 1; }
}

head -c 16M /dev/zero >"$machine/file"
machine_config 64 ram null file

RINGSIDE_JAVA_OPTS=$(recording serve) daemon_start -c "$machine/config"
for ring in split packed; do
    load ram --ring "$ring" --pattern randrw --queue-depth 32 --inflight on
    load null --ring "$ring" --pattern randrw --queue-depth 1 --calls on
    load ram --ring "$ring" --pattern randwrite --queue-depth 128 --block-size 512 --indirect on
    load file --ring "$ring" --pattern randrw --queue-depth 16 --inflight on
done
load ram --pattern trim --queue-depth 4
RINGSIDE_JAVA_OPTS=$(recording client) daemon_rpc bdev_malloc_create --name Malloc0 --num-blocks 2048 --block-size 512 \
    >"$machine/client.log" 2>&1 || { cat "$machine/client.log" >&2; exit 1; }
assemble client
daemon_rpc vhost_create_blk_controller '{"ctrlr": "vhost.0", "dev_name": "Malloc0"}' >/dev/null
for method in bdev_get_bdevs bdev_get_iostat vhost_get_controllers rpc_get_methods spdk_get_version framework_get_reactors; do
    daemon_rpc "$method" >/dev/null
done
"$scripts/ringside" save-config -r "$machine/rpc.sock" >/dev/null
daemon_rpc vhost_delete_controller --ctrlr vhost.0 >/dev/null
daemon_rpc bdev_malloc_delete --name Malloc0 >/dev/null
daemon_stop
assemble serve
