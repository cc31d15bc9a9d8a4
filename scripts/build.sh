#!/usr/bin/env bash
# Builds Ringside. Arguments go to Maven; without any: package everything, without tests. Where everything is packaged, the
# AOT caches are made too.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/jdk.sh
if ! command -v mvn >/dev/null 2>&1; then
    echo "ringside: Maven is missing: apt-get install maven" >&2
    exit 3
fi
if [ $# -eq 0 ]; then
    set -- package -DskipTests
fi
mvn --batch-mode --no-transfer-progress "$@"

# With everything packaged, a training run shows the JVM what a daemon will need. Without its cache all works, but slower.
case " $* " in
    *" -pl "* | *" --projects "*) ;;
    *" package "* | *" verify "*)
        scripts/aot.sh --if-stale || echo "ringside: there is no AOT cache: the training run (scripts/aot.sh) failed" >&2
        ;;
esac
