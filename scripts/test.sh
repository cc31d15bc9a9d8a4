#!/usr/bin/env bash
# Everything: the build with all its checks and unit tests, the guests, the idle check, a short pass of each benchmark.
# Ends with a table of what ran and the line "N passed, N failed, N skipped"; status 0 only when nothing failed and nothing
# was skipped.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$scripts/.."
. scripts/packages.sh
. scripts/progress.sh

layer_pid=
said=$(mktemp "${TMPDIR:-/tmp}/ringside-test.XXXXXX") # by the layer that runs
stop() {
    [ -z "$layer_pid" ] || kill "$layer_pid" 2>/dev/null || true
    rm -f "$said"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Those that have --quick; what takes long in them is measuring.
benchmarks=(compare-peers allocation gate layers scaling start long-run jvm-settings micro)
passed=0 failed=0 skipped=0
table=
endings=

row() { # $1: layer, $2: tests, $3: failed, $4: skipped, $5: seconds
    table+=$(printf '%-34s %7d %7d %8d %8d' "$@")$'\n'
    passed=$((passed + $2 - $3 - $4))
    failed=$((failed + $3))
    skipped=$((skipped + $4))
}

run_layer() { # $1: seconds it may take, $2...: command; leaves out what Maven says about its own steps, keeps the end if it fails
    local status=0 limit=$1
    shift
    timeout -k 30 "$limit" "$@" < /dev/null \
        > >(grep --line-buffered -v -E '^(\[INFO\] *(---.*|Using .*|Nothing to .*|skip non.*|Rule .*|Spotless.*|Copying .*|Starting audit.*|You have 0 .*|T E S T S|)$|Audit done|WARNING: )' | tee "$said") 2>&1 &
    layer_pid=$!
    wait "$layer_pid" || status=$?
    layer_pid=
    [ "$status" -ne 124 ] || echo "test: not done after $limit s: $*"
    [ "$status" -eq 0 ] || endings+="failed: $* (status $status)"$'\n'$(tail -n 20 "$said" | cut -c 1-300 | sed 's/^/    /')$'\n'
    return "$status"
}

report_numbers() { # $1: module; prints "tests failed skipped seconds" of its reports, nothing when it has none
    local report
    for report in "$1"/target/surefire-reports/TEST-*.xml; do
        [ ! -e "$report" ] || grep -m 1 -o '<testsuite [^>]*' "$report"
    done | awk '
        function of(name) {
            return match($0, " " name "=\"[0-9.]*") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0
        }
        { tests += of("tests"); failed += of("failures") + of("errors"); skipped += of("skipped"); seconds += of("time") }
        END { if (NR) print tests, failed, skipped, int(seconds + 0.5) }'
}

report_failures() { # each failed test, the start of its stack trace, the end of what its daemons and guests said
    local report
    for report in */target/surefire-reports/TEST-*.xml; do
        [ ! -e "$report" ] || awk '
            function flush(from,  i) {
                for (i = from < 1 ? 1 : from; i <= lines; i++) print "    " line[i]
                lines = 0
            }
            /<testcase / { class = $0; gsub(/.* classname="|".*/, "", class); test = $0; gsub(/.* name="|".*/, "", test) }
            /^ *<(failure|error)[ >]/ { print "failed: " class "." test; part = "trace"; failed = 1 }
            /^ *<system-err>/ && failed { part = "said" }
            part == "trace" && lines < 20 || part == "said" { line[++lines] = substr($0, 1, 300) }
            /]]>/ && part { flush(part == "trace" ? 1 : lines - 40); part = "" }
            /<\/testcase>/ { failed = 0 }' "$report"
    done
}

find . -path '*/target/surefire-reports' -type d -prune -exec rm -rf {} +

step "packages"
if ! (ringside_need_jdk && ringside_need_packages $RINGSIDE_BUILD_PACKAGES $RINGSIDE_TEST_PACKAGES $RINGSIDE_GUEST_PACKAGES); then
    echo "0 passed, 1 failed, 0 skipped"
    exit 3
fi
# Fetched here, and not within the time that a test may take; what is not to be had fails the tests that need it.
scripts/guest-image.sh || true
scripts/guest-image.sh vfio || true
scripts/recent-qemu.sh || true

step "build, checks and unit tests (scripts/build.sh verify)"
started=$SECONDS
built=0
unit_failed=0
# A module whose tests hang is ended, and counts as failed; those that do not need it still run.
run_layer 1500 scripts/build.sh verify --fail-at-end -Dsurefire.timeout=900 && built=1
build_seconds=$((SECONDS - started))
for pom in */pom.xml; do
    numbers=$(report_numbers "${pom%/pom.xml}")
    if [ -n "$numbers" ]; then
        # shellcheck disable=SC2086  # four numbers
        row "unit: ${pom%/pom.xml}" $numbers
        unit_failed=$((unit_failed + $(cut -d ' ' -f 2 <<<"$numbers")))
    fi
done
# What broke outside of a test: compiling, a check, a test's process.
row "build and checks" 1 $((built == 0 && unit_failed == 0)) 0 "$build_seconds"

if [ "$built" -eq 1 ]; then
    step "guests (scripts/build.sh -pl qemu-tests -Dguests test)"
    guests=1
    started=$SECONDS
    # Those that measure nothing and are emulated in one thread, two at a time; then the others, one at a time.
    run_layer 1500 scripts/build.sh -pl qemu-tests -Dguests test -Dgroups=vfio -DforkCount=2 || guests=0
    run_layer 2700 scripts/build.sh -pl qemu-tests -Dguests test -DexcludedGroups=vfio || guests=0
    numbers=$(report_numbers qemu-tests)
    # shellcheck disable=SC2206  # four numbers
    counts=(${numbers:-0 0 0 0})
    if [ "${counts[0]}" -eq 0 ] || { [ "$guests" -eq 0 ] && [ "${counts[1]}" -eq 0 ]; }; then
        counts=($((counts[0] + 1)) $((counts[1] + 1)) "${counts[2]}" 0) # it broke outside of a test
    fi
    row guests "${counts[@]:0:3}" $((SECONDS - started))

    step "idle cost (benchmarks/idle.sh)"
    started=$SECONDS
    idle=0
    run_layer 300 benchmarks/idle.sh && idle=1
    row "idle cost" 1 $((1 - idle)) 0 $((SECONDS - started))

    step "hostile front ends (benchmarks/fuzz --sessions 3000 --coverage)"
    started=$SECONDS
    fuzzed=0
    run_layer 400 benchmarks/fuzz --sessions 3000 --coverage && fuzzed=1
    row "fuzzer, coverage over 95 %" 1 $((1 - fuzzed)) 0 $((SECONDS - started))

    step "hostile front ends of a SCSI device (benchmarks/fuzz --device scsi --seconds 30)"
    started=$SECONDS
    fuzzed=0
    run_layer 200 benchmarks/fuzz --device scsi --seconds 30 && fuzzed=1
    row "fuzzer, SCSI" 1 $((1 - fuzzed)) 0 $((SECONDS - started))

    step "AOT caches (scripts/aot-check.sh)"
    started=$SECONDS
    cached=0
    run_layer 120 scripts/aot-check.sh && cached=1
    row "AOT caches" 1 $((1 - cached)) 0 $((SECONDS - started))

    step "the archive, without a JDK (scripts/dist-check.sh)"
    started=$SECONDS
    unpacked=0
    run_layer 300 scripts/dist-check.sh && unpacked=1
    row "archive" 1 $((1 - unpacked)) 0 $((SECONDS - started))
    if [ -n "${RINGSIDE_WITHOUT_BOOT:-}" ]; then
        echo "the package is not installed: RINGSIDE_WITHOUT_BOOT is set"
        row "package, installed" 1 0 1 0
    fi

    step "a functional pass of each benchmark"
    for benchmark in "${benchmarks[@]}"; do
        echo "benchmarks/$benchmark.sh --quick"
        started=$SECONDS
        measured=0
        run_layer 300 "benchmarks/$benchmark.sh" --quick && measured=1
        row "functional: $benchmark" 1 $((1 - measured)) 0 $((SECONDS - started))
    done
else
    step "what needs the build does not run: the build has failed"
    row guests 1 0 1 0
    row "idle cost" 1 0 1 0
    row "fuzzer, coverage over 95 %" 1 0 1 0
    row "fuzzer, SCSI" 1 0 1 0
    row "AOT caches" 1 0 1 0
    row "archive" 1 0 1 0
    for benchmark in "${benchmarks[@]}"; do
        row "functional: $benchmark" 1 0 1 0
    done
fi

report_failures
printf %s "$endings"
printf '\n%-34s %7s %7s %8s %8s\n' layer tests failed skipped seconds
printf '%s' "$table"
printf '%-34s %7d %7d %8d %8d\n' all $((passed + failed + skipped)) "$failed" "$skipped" "$SECONDS"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ] && [ "$passed" -gt 0 ]
