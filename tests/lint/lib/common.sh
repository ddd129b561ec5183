# Sourced by the checks: goes to the tree to check ($1, default the current folder) and names its files.

lint=$(cd "$(dirname "$0")" && pwd)/lib
cd "${1:-.}" || exit 1

# C files below the given folders, in order.
c_files() {
        find "$@" -name '*.[ch]' 2>/dev/null | sort
}

# Says how it went and leaves: $1 is the exit status, $2 what was checked.
verdict() {
        if [ "$1" -eq 0 ]; then echo "ok: $2"; else echo "found something wrong: $2"; fi
        exit "$1"
}
