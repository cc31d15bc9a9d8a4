# Sourced by the scripts that take something from Debian's backports without changing the system: apt-get with lists of its own.

backports_apt() { # $1: folder for the lists, $2: release, $3...: what apt-get or apt-cache shall do
    local folder=$1 release=$2 program=apt-get
    shift 2
    [ "$1" != depends ] || program=apt-cache
    mkdir -p "$folder/lists/partial"
    echo "deb http://deb.debian.org/debian $release-backports main" >"$folder/sources.list"
    timeout 600 $program -qq -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$folder/lists" -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= \
        -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root -o Acquire::Retries=2 -o APT::Default-Release="$release-backports" \
        "$@" </dev/null
}

backports_download() { # $1: folder for the lists, $2: release, $3: folder to fill, $4...: packages
    local folder=$1 release=$2 into=$3
    shift 3
    mkdir -p "$into"
    (cd "$into" && backports_apt "$folder" "$release" download "$@") >&2
}
