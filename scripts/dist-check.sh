#!/usr/bin/env bash
# Does the archive work where it is unpacked, on a machine without Java? Serves disks by RPC and as a backend program, with
# verified I/O on them; the load comes from the checkout. And does the Debian package install, serve and go away? As root it is
# installed in a copy of this machine that systemd boots; RINGSIDE_WITHOUT_BOOT=1 leaves that out, where there is no root.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$scripts")
archive=$(ls "$home"/dist/target/ringside-*-linux-x64.tar.gz)
folder=$(mktemp -d "${TMPDIR:-/tmp}/ringside.XXXXXX")
pid=
stop() {
    [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

fail() {
    echo "dist-check: $*" >&2
    head -n 20 "$folder"/*.out "$folder"/*.err >&2 || true
    exit 1
}

# What the launcher needs, and nothing else: no java, wherever the machine has one.
mkdir "$folder/path" "$folder/vhost"
for tool in bash sh env dirname readlink; do
    ln -s "$(command -v "$tool")" "$folder/path/"
done
tar -C "$folder" -xzf "$archive"
bin=$(echo "$folder"/ringside-*/bin)
alone() { # $1: program of the archive, $2...: its arguments
    env -i PATH="$folder/path" "$bin/$1" "${@:2}"
}
start() { # $1: program, $2...: its arguments; returns when it is ready
    local began deadline=$((SECONDS + 30))
    began=$(date +%s%N)
    rm -f "$folder/start.out"
    env -i PATH="$folder/path" "$bin/$1" "${@:2}" >"$folder/start.out" 2>"$folder/start.err" </dev/null &
    pid=$!
    until grep -q "^ringside: ready" "$folder/start.out" 2>/dev/null; do
        [ $SECONDS -lt $deadline ] && kill -0 "$pid" 2>/dev/null || fail "$* does not become ready"
        sleep 0.005
    done
    echo "  ready after $((($(date +%s%N) - began) / 1000000)) ms"
}
# Starts a daemon, says after how many ms it has answered a front end's first message (VHOST_USER_GET_FEATURES), and ends it.
answered='
    use strict;
    use warnings;
    use POSIX ":sys_wait_h";
    use Socket;
    use Time::HiRes qw(sleep time);
    my ($path, $output) = splice(@ARGV, 0, 2);
    my $pid = 0;
    END { kill KILL => $pid if $pid }
    my $began = time;
    $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open(STDOUT, ">", $output) or die "$output: $!\n";
        exec @ARGV or die "exec: $!\n";
    }
    $SIG{PIPE} = "IGNORE";
    $SIG{ALRM} = sub { die "it has not answered after 30 s\n" };
    alarm 30;
    my ($connection, $answer);
    until ($connection && sysread($connection, $answer, 20) == 20) {
        if (waitpid($pid, WNOHANG) > 0) {
            $pid = 0;
            die "it has ended with status $?\n";
        }
        socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
        if (connect($socket, pack_sockaddr_un($path))) {
            syswrite($socket, pack("V3", 1, 1, 0)) or die "write: $!\n";
            $connection = $socket;
        } else {
            sleep 0.001;
        }
    }
    my $ms = 1000 * (time - $began);
    kill TERM => $pid;
    waitpid($pid, 0);
    $pid = 0;
    $? == 0 or die "it has ended with status $?\n";
    printf "%.0f\n", $ms;'
in_time() { # $1: socket, $2: program, $3...: its arguments; a machine that is busy otherwise may spoil five starts, so there are three tries
    local try i ms times median
    for ((try = 0; try < 3; try++)); do
        times=()
        for ((i = 0; i < 5; i++)); do
            ms=$(perl -e "$answered" "$1" "$folder/start.out" env -i PATH="$folder/path" "$bin/$2" "${@:3}" 2>"$folder/start.err" \
                </dev/null) || fail "$2 does not answer on $1"
            times+=("$ms")
        done
        median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 3p)
        echo "  $2 answers its first front end after ${times[*]} ms, median $median ms"
        if [ "$median" -lt 300 ]; then
            return
        fi
    done
    fail "$2 answers its first front end too late three times; a median of five starts below 300 ms is wanted"
}
end() {
    local status=0
    kill -TERM "$pid"
    wait "$pid" || status=$?
    pid=
    [ "$status" -eq 0 ] || fail "it ended with status $status"
}
load() { # $1: socket
    "$scripts/ringside" perf vhost --socket "$1" --pattern randrw --queue-depth 16 --block-size 4096 --range 8M --verify \
        --warm-up 0 --time 1 >"$folder/load.out" 2>&1 || fail "the load on $1 failed"
}

echo "the client starts with its cache, and says nothing about it"
alone ringside version >"$folder/version.out" 2>"$folder/version.err" || fail "version"
[ ! -s "$folder/version.err" ] || fail "there is something on stderr"

echo "the Debian package has the same"
package=$(ls "$home"/dist/target/ringside_*_amd64.deb)
dpkg-deb -x "$package" "$folder/deb"
env -i PATH="$folder/path" "$folder/deb/opt/ringside/bin/ringside" version | cmp - "$folder/version.out" || fail "the package"
for file in lib/systemd/system/ringside.service lib/udev/rules.d/70-ringside-vfio.rules usr/share/man/man1/ringside-serve.1.gz usr/bin/ringside \
    usr/share/bash-completion/completions/ringside usr/share/qemu/vhost-user/50-ringside-blk.json; do
    [ -e "$folder/deb/$file" ] || [ -L "$folder/deb/$file" ] || fail "the package has no $file"
done

echo "libvirt finds the backend program where its description says, and as it says"
description=$folder/deb/usr/share/qemu/vhost-user/50-ringside-blk.json
binary=$(jq -er .binary "$description") || fail "the description of the backend program names none"
[ -x "$folder/deb$binary" ] || fail "the package has no $binary"
env -i PATH="$folder/path" "$folder/deb$binary" --print-capabilities >"$folder/capabilities.out" || fail "$binary"
[ "$(jq -er .type "$description")" = "$(jq -er .type "$folder/capabilities.out")" ] || fail "$binary is of another type"

echo "systemd finds the unit well confined"
systemd-analyze security --no-pager --offline=yes --threshold=15 "$folder/deb/lib/systemd/system/ringside.service" \
    >"$folder/security.out" 2>&1 || fail "its exposure is above 1.5"
rm -rf "$folder/deb"

if [ -n "${RINGSIDE_WITHOUT_BOOT:-}" ]; then
    echo "  the package is not installed, and systemd does not run its unit: RINGSIDE_WITHOUT_BOOT is set"
else
    unbooted="is not shown to install and its unit to run; RINGSIDE_WITHOUT_BOOT=1 goes without"
    [ "$(id -u)" -eq 0 ] || fail "this is not root: the package $unbooted"
    unshare --mount true 2>/dev/null || fail "there is no right to make namespaces (unshare --mount): the package $unbooted"
    echo "the package installs, systemd runs its unit, confined, with verified I/O, and it goes away"
    cp "$package" "$folder/ringside.deb"
    "$scripts/boot-copy.sh" "$scripts/deb-check" "$folder/ringside.deb" >"$folder/deb.out" 2>&1 || {
        tail -n 80 "$folder/deb.out" >&2
        rm "$folder/deb.out"
        fail "the package, installed"
    }
fi

echo "a daemon is configured, used, stopped, and is the same again"
serve=(ringside serve --cpumask 0x1 --state "$folder/state" --vhost-dir "$folder/vhost" --rpc-socket "$folder/rpc.sock")
start "${serve[@]}"
alone ringside rpc -s "$folder/rpc.sock" bdev_malloc_create -b Malloc0 16 512 >/dev/null
alone ringside rpc -s "$folder/rpc.sock" vhost_create_blk_controller vm0 Malloc0
load "$folder/vhost/vm0"
alone ringside save-config -r "$folder/rpc.sock" >"$folder/before.out"
end
start "${serve[@]}"
alone ringside save-config -r "$folder/rpc.sock" >"$folder/after.out"
cmp "$folder/before.out" "$folder/after.out" || fail "the configuration is another one"
end
in_time "$folder/vhost/vm0" "${serve[@]}"

echo "a backend program serves a file"
truncate -s 16M "$folder/disk"
alone ringside-blk --print-capabilities | grep -q '"blk-file"' || fail "it does not tell what it can do"
blk=(ringside-blk --socket-path="$folder/s" --blk-file="$folder/disk")
start "${blk[@]}"
load "$folder/s"
end
in_time "$folder/s" "${blk[@]}"

echo "who reads the metrics slowly, or in crowds, is put out"
start ringside serve --cpumask 0x1 --rpc-socket "$folder/rpc.sock" --metrics 127.0.0.1:0
address=$(sed -n 's|.*a page are on http://\(127[0-9.]*\):\([0-9]*\)/.*|/dev/tcp/\1/\2|p' "$folder/start.err" "$folder/start.out")
[ -n "$address" ] || fail "it does not say where its metrics are"
ask() { # writes to descriptor $1 and reads a line of the answer; what reading ended with is the status: 1 at the end
    printf '%s' "$2" >&"$1" && read -r -t 20 answer <&"$1"
}
crowd=()
for ((i = 0; i < 32; i++)); do
    exec {one}<>"$address"
    crowd+=("$one")
done
exec {more}<>"$address"
ask "$more" $'GET /metrics HTTP/1.0\r\n\r\n' 2>/dev/null && fail "33 connections were served"
ask "${crowd[0]}" $'GET /metrics HTTP/1.0\r\n\r\n' || fail "the first of 32 connections was not served"
began=$SECONDS status=0
ask "${crowd[1]}" 'GET /met' || status=$?
[ "$status" -eq 1 ] || fail "a request of which half has come is waited for"
echo "  half a request was waited for for $((SECONDS - began)) s"
for one in "$more" "${crowd[@]}"; do exec {one}>&-; done
end
