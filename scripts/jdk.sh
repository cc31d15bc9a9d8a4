# Sourced by the other scripts: sets JAVA_HOME to a JDK 25 or newer, or says what to install and exits.
# Looks at JAVA_HOME, then under /usr/lib/jvm, then at the java on the PATH.

ringside_java_feature() { # prints the feature release of the JDK at $1, or nothing
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

ringside_find_jdk() {
    local candidate version path_java
    local candidates=()
    [ -n "${JAVA_HOME:-}" ] && candidates+=("$JAVA_HOME")
    for candidate in /usr/lib/jvm/*/; do
        candidates+=("${candidate%/}")
    done
    path_java=$(command -v javac 2>/dev/null) && candidates+=("$(dirname "$(dirname "$(readlink -f "$path_java")")")")
    for candidate in "${candidates[@]}"; do
        version=$(ringside_java_feature "$candidate") || continue
        if [ -n "$version" ] && [ "$version" -ge 25 ]; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

if ! JAVA_HOME=$(ringside_find_jdk); then
    echo "ringside: no JDK 25 found in JAVA_HOME, under /usr/lib/jvm or on the PATH." >&2
    echo "ringside: install one, for example the Temurin package (apt-get install temurin-25-jdk, from packages.adoptium.net)," >&2
    echo "ringside: or unpack any JDK 25 for linux-x64 and set JAVA_HOME to its folder." >&2
    exit 3
fi
export JAVA_HOME
