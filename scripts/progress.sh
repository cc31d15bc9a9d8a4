# Sourced by demo.sh and test.sh: lines that say how far it is.

step() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

quietly() { # $1: log, $2...: a command; its output goes to the log, a sign of life comes every 15 s, its end on failure
    local log=$1 pid status=0 next=$((SECONDS + 15))
    shift
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        if [ $SECONDS -ge $next ]; then
            step "  ... $(grep -E '^\[INFO\] Building |^ringside: |^guest-image: ' "$log" | tail -n 1 | sed 's/^\[INFO\] //')"
            next=$((SECONDS + 15))
        fi
        sleep 0.2
    done
    wait "$pid" || status=$?
    [ "$status" -eq 0 ] || tail -n 40 "$log" >&2
    return "$status"
}
