#!/usr/bin/env bash
# Builds Ringside. Arguments go to Maven; without any: package everything, without tests.
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
exec mvn --batch-mode --no-transfer-progress "$@"
