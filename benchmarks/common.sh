# Sourced by the benchmarks: reads their options, makes the folder $machine, and ends daemon and guest with the benchmark.
# A benchmark has set what its options set, and defines usage, and quick_pass for what --quick sets besides $quick.
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scripts=$home/scripts
quick=0

options() { # $1: words OPTION=VARIABLE, of options with a value, $2...: what the benchmark was called with
    local known=$1 word
    shift
    while [ $# -gt 0 ]; do
        for word in $known; do
            if [ "$1" = "--${word%%=*}" ]; then
                [ $# -ge 2 ] || { echo "$(basename "$0" .sh): $1: it needs a value" >&2; usage >&2; exit 2; }
                printf -v "${word#*=}" %s "$2"
                shift 2
                continue 2
            fi
        done
        case $1 in
            --quick) quick=1 && quick_pass ;;
            -h | --help) usage; exit 0 ;;
            *) echo "$(basename "$0" .sh): $1: that is not an option" >&2; usage >&2; exit 2 ;;
        esac
        shift
    done
}

prepare() { # $*: packages that are needed beside jq, as ringside_need_packages has them
    . "$scripts/packages.sh"
    ringside_need_packages jq:jq "$@"
    . "$scripts/machine.sh"
    trap machine_stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
