#!/bin/sh
# Runs one suite (a test program or script), or adds up what suites left behind.
#
#   tests/run.sh NAME COMMAND [ARGUMENT...]   runs it; one line on stdout, the output too when it fails
#   tests/run.sh sum                          adds up; last line `N passed, N failed, N skipped`
#
# RESULTS (default build/results) is the folder for outputs and counts, TIMEOUT (default 600) the seconds after which
# a suite that hangs is ended. What counts: cmocka's own totals, else the last line `N passed, N failed, N skipped`,
# else the exit status as one test. Exit status 77 is a skip. A suite that prints nothing or runs no test has failed.
# Lines of its output that begin with `note: ` are shown below its own: figures that a reader of a green run wants.
# Running a suite always exits 0: `sum` gives the verdict, so that one failure does not hide the rest.

set -u
results=${RESULTS:-build/results}

# Reads a suite's output; prints "passed failed skipped", or nothing if the output tells no numbers.
count_output() {
        awk '
                /^\[  (PASSED  |FAILED  |SKIPPED )\] [0-9]+ test\(s\)/ { cmocka[$2] += $4; is_cmocka = 1 }
                /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { own = $1 " " $3 " " $5 }
                END {
                        if (own != "")
                                print own
                        else if (is_cmocka)
                                print cmocka["PASSED"] + 0, cmocka["FAILED"] + 0, cmocka["SKIPPED"] + 0
                }' "$1"
}

# Prints "passed failed skipped reason..." for output file $1 and exit status $2.
verdict() {
        if [ "$2" -eq 77 ]; then
                echo 0 0 1 "$(tail -n 1 "$1")"
                return
        fi
        if [ "$2" -eq 124 ] || [ "$2" -eq 137 ]; then
                echo 0 1 0 "ended after $TIMEOUT s, or killed"
                return
        fi
        if [ ! -s "$1" ]; then
                echo 0 1 0 "printed nothing (exit status $2)"
                return
        fi
        # shellcheck disable=SC2046
        set -- "$2" $(count_output "$1")
        if [ $# -eq 1 ]; then
                if [ "$1" -eq 0 ]; then echo 1 0 0; else echo 0 1 0 "exit status $1"; fi
        elif [ $(($2 + $3 + $4)) -eq 0 ]; then
                echo 0 1 0 "ran no test"
        elif [ "$1" -ne 0 ] && [ "$3" -eq 0 ]; then
                echo "$2" 1 "$4" "exit status $1"
        else
                echo "$2" "$3" "$4"
        fi
}

# Prints the line of suite $1: output file $2, seconds $3, then passed, failed, skipped, reason.
report() {
        name=$1 output=$2 seconds=$3 passed=$4 failed=$5 skipped=$6
        shift 6
        word=ok
        [ "$skipped" -gt 0 ] && [ "$passed" -eq 0 ] && word=skip
        [ "$failed" -gt 0 ] && word=FAIL
        text="$passed passed"
        [ "$failed" -gt 0 ] && text="$text, $failed failed"
        [ "$skipped" -gt 0 ] && text="$text, $skipped skipped"
        line=$(printf '%-5s %-44s %s (%s s) %s' "$word" "$name" "$text" "$seconds" "$*")
        if [ "$word" = FAIL ]; then
                line=$(printf '%s\n' "$line"; tail -n 100 "$output" | sed 's/^/      | /'; echo "      whole output: $output")
        fi
        printf '%s\n' "$line"
        [ "$word" = FAIL ] || sed -n 's/^note: /      /p' "$output" | head -n 5
}

run_suite() {
        name=$1
        shift
        TIMEOUT=${TIMEOUT:-600}
        mkdir -p "$(dirname "$results/$name")" || exit 2
        rm -f "$results/$name.count"
        folder=$(mktemp -d "${TMPDIR:-/tmp}/schakel-test.XXXXXX") || exit 2
        begun=$(date +%s)
        # In the background, so that a signal is passed on at once; the default for SIGINT, since a background command of
        # a shell ignores it and so would all that the test starts.
        TMPDIR=$folder env --default-signal=INT,QUIT timeout -k 10 "$TIMEOUT" "$@" \
                >"$results/$name.out" 2>&1 </dev/null &
        pid=$!
        trap 'kill -TERM $pid 2>/dev/null; wait $pid; kill -KILL -- -$pid 2>/dev/null; rm -rf "$folder"; exit 130' \
                INT TERM HUP
        wait $pid
        status=$?
        trap - INT TERM HUP
        kill -KILL -- -$pid 2>/dev/null # what the suite left running in its process group
        rm -rf "$folder"
        numbers=$(verdict "$results/$name.out" $status)
        echo "$numbers" >"$results/$name.count"
        # shellcheck disable=SC2086
        report "$name" "$results/$name.out" $(($(date +%s) - begun)) $numbers
        return 0
}

sum_results() {
        find "$results" -name '*.count' -size +0 2>/dev/null | sort | while read -r file; do
                name=${file#"$results"/}
                sed "s|^|${name%.count} |" "$file"
        done | awk '
                { passed += $2; failed += $3; skipped += $4 }
                $3 > 0 { bad = bad "\nFAIL  " $1 }
                $4 > 0 { left = left "\nskip  " $1 }
                END {
                        if (NR == 0) {
                                print "nothing was run: no such tests"
                                failed = 1
                        }
                        if (left != "" || bad != "")
                                print left bad
                        printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
                        exit failed > 0
                }'
}

case ${1:-} in
sum) sum_results ;;
'' | -*)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 2
        ;;
*) run_suite "$@" ;;
esac
