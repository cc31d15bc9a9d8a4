#!/usr/bin/env bash
# Does the JVM use the AOT caches of this build, and does it go on with one line where it cannot?
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$scripts")
folder=$(mktemp -d "${TMPDIR:-/tmp}/ringside.XXXXXX")
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "aot-check: $*" >&2
    head -n 20 "$folder/out" "$folder/err" >&2
    exit 1
}

run() { # $1: launcher, $2...: its arguments; leaves out and err
    timeout 60 "$@" >"$folder/out" 2>"$folder/err" </dev/null || fail "$*: status $?"
}

loaded() { # $1: what the JVM is to have taken its main class from
    grep -q " dev.ringside.daemon.cli.Main source: $1" "$folder/classes" || fail "the main class does not come from $1"
}

echo "the client's cache is used, and nothing is said about it"
RINGSIDE_JAVA_OPTS=-Xlog:class+load:file=$folder/classes run "$scripts/ringside" version
loaded "shared objects file"
[ ! -s "$folder/err" ] || fail "there is something on stderr"

echo "the daemon's cache is used"
RINGSIDE_JAVA_OPTS=-Xlog:class+load:file=$folder/classes run "$scripts/ringside" serve --help
loaded "shared objects file"
[ ! -s "$folder/err" ] || fail "there is something on stderr"

spoilt() { # $1: what is wrong; the launcher in $folder/home is to say so in a line, and to work
    echo "$1: ignored, with one line"
    RINGSIDE_JAVA_OPTS=-Xlog:class+load:file=$folder/classes run "$folder/home/scripts/ringside" version
    loaded "jrt:\|file:\|.*launcher.jar"
    [ "$(wc -l <"$folder/err")" -eq 1 ] || fail "not one line on stderr"
    grep -q "^ringside: the AOT cache .* starting without it" "$folder/err" || fail "another line"
    grep -q "^ringside [0-9]" "$folder/out" || fail "it does not work"
}

copy() {
    rm -rf "$folder/home"
    mkdir -p "$folder/home/scripts" "$folder/home/target-daemon/target"
    cp -a "$scripts/ringside" "$scripts/jdk.sh" "$folder/home/scripts/"
    cp -a "$home/target-daemon/target/ringside" "$folder/home/target-daemon/target/"
}

copy
touch "$folder/home/target-daemon/target/ringside/lib/ringside-env.jar"
spoilt "a jar that is newer"
copy
sed -i '1s/OpenJDK/OpenJDX/' "$folder/home/target-daemon/target/ringside/aot/client.aot"
spoilt "a cache of another JVM"
copy
truncate -s 100000 "$folder/home/target-daemon/target/ringside/aot/client.aot"
spoilt "half a cache"

rm -rf "$folder/home/target-daemon/target/ringside/aot"
echo "no cache: a daemon says so in one line, and a client does not"
run "$folder/home/scripts/ringside" serve --help
[ "$(wc -l <"$folder/err")" -eq 1 ] || fail "not one line on stderr"
grep -q "^ringside: there is no AOT cache .*serve.aot: starting without it" "$folder/err" || fail "another line"
run "$folder/home/scripts/ringside" version
[ ! -s "$folder/err" ] || fail "there is something on stderr"
grep -q "^ringside [0-9]" "$folder/out" || fail "it does not work"
