#!/bin/sh
# Fuzzes for a short while: run.sh PROGRAM SECONDS
#
# Starts from tests/fuzz/corpus/<name>/ and leaves that alone: what is new goes to build/fuzz/<name>/. An input that breaks
# something is kept there too. canary_fuzz has a planted bug: it must be found, or else this harness finds nothing.
set -u
program=$1 seconds=$2
name=$(basename "$program" _fuzz)
kept=tests/fuzz/corpus/$name
found=build/fuzz/$name
mkdir -p "$found" || exit 1
# An input that breaks something ends with 1: what libFuzzer says by itself, 77, means "skipped" to the runner.
set -- -seed=1 -timeout=60 -error_exitcode=1 -timeout_exitcode=1 -rss_limit_mb=2048 -artifact_prefix="$found/broken-" -print_final_stats=1 "$found"
[ -d "$kept" ] && set -- "$@" "$kept"

if [ "$name" = canary ]; then
        rm -rf "$found" && mkdir -p "$found"
        if "$program" -runs=2000000 "$@"; then
                echo 'the planted bug was not found'
                exit 1
        fi
        ls "$found"/broken-* || exit 1
        echo 'the planted bug was found, as it must be'
        exit 0
fi
# The kept inputs first, all of them, whatever the time.
[ -d "$kept" ] && { "$program" -runs=0 -timeout=60 -error_exitcode=1 "$kept" || exit 1; }
exec "$program" -max_total_time="$seconds" "$@"
