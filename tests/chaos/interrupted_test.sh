#!/bin/bash
# Who interrupts a run of chaos has no process left, nor a folder: not even of a broker that is paused just then.
set -u
. tests/support/checks.sh
program=${SK_BUILD:-build/release}/tests/chaos/chaos_test
export SEED=3 CHAOS_FAULTS=50 CHAOS_BROKERS=1 CHAOS_SECONDS=600 # the first fault of that seed pauses the broker

for need in java kcat; do
        command -v $need >/dev/null || { echo "$need is not installed: no Kafka to test with"; exit 77; }
done
home=$(mktemp -d "${TMPDIR:-/tmp}/interrupted.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
mkdir "$home/run"

# Whatever a run starts has its TMPDIR in the environment.
processes() {
        grep -lzs "^TMPDIR=$home/run" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do
                tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null
                echo
        done
}

# A kcat that was asking has twenty seconds.
none_left() {
        local tries
        for tries in $(seq 600); do
                [ -z "$(processes)" ] && return
                [ "$tries" = 600 ] && processes
                sleep 0.2
        done
        return 1
}

no_data_left() {
        ! grep -ls "$home" /dev/shm/schakel-kafka-data.*/owner
}

# The output of the run is FILE; it has paused its broker when this returns.
await_pause() { # PID FILE
        until grep -qs 'pause broker 1' "$2"; do
                kill -0 "$1" 2>/dev/null || { cat "$2"; return 1; }
                sleep 0.1
        done
}

check_nothing_left() { # HOW
        check "$1: no process is left" none_left
        check "$1: no folder is left" test -z "$(ls -A "$home/run")"
        check "$1: no data is left" no_data_left
}

# As a terminal does it: all of the group hear of it.
TMPDIR=$home/run setsid env --default-signal=INT,QUIT "$program" >"$home/out" 2>&1 </dev/null &
pid=$!
check 'a run pauses its broker' await_pause $pid "$home/out"
kill -INT -- -$pid
wait $pid
status=$?
check 'an interrupted run has failed' test $status -ne 0
check_nothing_left interrupted

# As `make check` does it: only the runner hears of it.
TMPDIR=$home/run RESULTS=$home/results tests/run.sh chaos "$program" >/dev/null 2>&1 &
pid=$!
check 'a run of the runner pauses its broker' await_pause $pid "$home/results/chaos.out"
kill -TERM $pid
wait $pid
check_nothing_left 'the runner ended'
finish
