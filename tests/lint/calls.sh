#!/bin/sh
# Banned calls: some everywhere; clocks, files, sockets, randomness and logging in the pure layers. calls.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
status=0
# shellcheck disable=SC2046
code=$(awk -f "$lint/strip.awk" $(c_files broker tests) /dev/null)
for table in banned pure; do
        printf '%s\n' "$code" | awk -v table="$lint/$table.table" -v except="$lint/$table.except" -f "$lint/calls.awk" || status=1
done
verdict $status 'no banned call'
