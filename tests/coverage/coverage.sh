#!/bin/sh
# Says what the programs and tests built with VARIANT=coverage have run so far: lines and branches of each folder, and
# the least covered files. With a file (broker/link/step.c): its lines that never ran and its branches never taken.
#
#   tests/coverage/coverage.sh [FILE]    LEAST=n: how many files
set -u
objects=build/coverage/obj/broker
[ -d "$objects" ] || { echo "nothing was built with VARIANT=coverage; run: make coverage" >&2; exit 1; }
[ $# -eq 0 ] || objects=build/coverage/obj/${1%.c}.gcno
find "$objects" -name '*.gcno' | sort | tr '\n' '\0' | xargs -0 -n 1 gcov -b -c -t 2>/dev/null |
        awk -v file="${1:-}" -v least="${LEAST:-20}" -f tests/coverage/coverage.awk
