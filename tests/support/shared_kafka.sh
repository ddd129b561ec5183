#!/bin/bash
# Prints the folder of a Kafka that the suites of one run have together: SK_TEST_KAFKA. The first that asks starts it, and
# it ends with the process SK_TEST_RUN. For suites that do it no harm, each with chains whose names nobody else uses.
set -u
dir=${SK_TEST_KAFKA:?} run=${SK_TEST_RUN:?}
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9
if ! deploy/kafka/kafka --dir "$dir" status 2>/dev/null | grep -q ': running$'; then
        setsid deploy/kafka/kafka --dir "$dir" run --while "$run" >"$dir.address" 2>"$dir.said" </dev/null 9>&- &
        until [ -s "$dir.address" ]; do
                kill -0 $! 2>/dev/null || { cat "$dir.said" >&2; exit 1; }
                sleep 0.05 # to look again
        done
fi
echo "$dir"
