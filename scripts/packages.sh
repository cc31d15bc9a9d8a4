# Sourced by the other scripts: the Debian packages that building and testing need.
# As root, what is missing is installed; otherwise one line says what is missing.

# command that proves the package is there : package
RINGSIDE_BUILD_PACKAGES="mvn:maven groff:groff-base gcc:gcc /usr/include/stdio.h:libc6-dev"
# The unit tests of the metrics and of the page ask promtool and Chromium; the check of the archive has systemd run its
# unit, its package installed, and a client in Perl (not all of which perl-base has); a guest runs libiscsi's conformance suite.
RINGSIDE_TEST_PACKAGES="promtool:prometheus chromium:chromium systemd-analyze:systemd adduser:adduser prove:perl
    iscsi-test-cu:libiscsi-bin"
RINGSIDE_GUEST_PACKAGES="qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils busybox:busybox-static
    cpio:cpio depmod:kmod systemctl:systemd fio:fio mkfs.ext4:e2fsprogs mkfs.xfs:xfsprogs sg_inq:sg3-utils blkdiscard:util-linux jq:jq"
# What builds modules for a kernel of Debian's: its compiler, and what its objtool and its packages' archives need.
RINGSIDE_KERNEL_PACKAGES="gcc-12:gcc-12 make:make xz:xz-utils depmod:kmod /usr/lib/x86_64-linux-gnu/libelf.so.1:libelf1"

# Tools of the system administrator are looked for too: a plain user's PATH lacks them.
case ":$PATH:" in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/sbin:/sbin ;; esac

ringside_missing_packages() { # prints those of the "command:package" pairs in $* that are not there
    local pair
    for pair in $*; do
        if [[ $pair == /* ]]; then
            [ -e "${pair%%:*}" ] || printf '%s ' "${pair##*:}"
        else
            command -v "${pair%%:*}" >/dev/null 2>&1 || printf '%s ' "${pair##*:}"
        fi
    done
}

ringside_install() { # $*: packages; returns 3 when they cannot be installed
    local log
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "ringside: missing: $*; install with: apt-get install $*" >&2
        return 3
    fi
    echo "ringside: installing $*"
    log=$(mktemp)
    if ! { timeout 300 apt-get update -qq -o Acquire::Retries=3 && DEBIAN_FRONTEND=noninteractive timeout 900 apt-get install \
        -y -qq -o Acquire::Retries=3 --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        echo "ringside: apt-get could not install $*" >&2
        return 3
    fi
    rm -f "$log"
}

ringside_need_packages() { # $*: "command:package" pairs; returns 3 when something is missing and stays so
    local missing
    missing=$(ringside_missing_packages "$@")
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086  # a list of packages
    ringside_install $missing || return 3
    missing=$(ringside_missing_packages "$@")
    [ -n "$missing" ] || return 0
    echo "ringside: still missing after the installation: ${missing% }" >&2
    return 3
}

ringside_need_jdk() { # sets JAVA_HOME; installs Debian's JDK 25 where there is none and Debian has it
    local here
    here=$(dirname "${BASH_SOURCE[0]}")
    if ! (. "$here/jdk.sh") 2>/dev/null && [ "$(id -u)" -eq 0 ] \
        && apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1; then
        ringside_install openjdk-25-jdk-headless || return 3
    fi
    . "$here/jdk.sh"
}
