#!/usr/bin/env bash
# JMH micro-benchmarks of the data plane's parts, in ns per operation: ring drain and publish for both formats, translation,
# the life of a BdevIo.
# usage: benchmarks/micro.sh [--quick | --short] [JMH's arguments, such as RingBenchmark.one -p format=PACKED]
#   --short  less than a minute, for a first look
#   --quick  a functional pass: one short iteration of each in this process; the figures mean nothing
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
. "$home/scripts/jdk.sh"
lib=$home/benchmarks/target/ringside/lib
[ -e "$lib/ringside-benchmarks-launcher.jar" ] || { echo "micro: not built yet: run $home/scripts/build.sh" >&2; exit 3; }
jmh=(-f 3 -wi 3 -w 1s -i 5 -r 1s)
case ${1-} in
    --quick) shift && jmh=(-f 0 -wi 0 -i 1 -r 50ms -v SILENT) ;;
    --short) shift && jmh=(-f 1 -wi 2 -w 400ms -i 3 -r 400ms) ;;
esac
# On the class path: what JMH generates and the processes that it forks know of no modules. Errors fail the run.
exec "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$lib/*" org.openjdk.jmh.Main -foe true "${jmh[@]}" "$@"
