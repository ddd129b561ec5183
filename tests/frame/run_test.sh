#!/bin/sh
# The runner: what it counts as passed, failed and skipped, and that nothing which failed is lost.
set -u
. tests/support/checks.sh
home=$(mktemp -d "${TMPDIR:-/tmp}/run.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
export RESULTS="$home/results"

# NUMBERS SENTENCE SCRIPT: a suite that is this script is counted as these numbers: passed failed skipped.
counts_as() {
        RESULTS="$home/one" tests/run.sh suite sh -c "$3" >"$home/line" 2>&1
        check "$2: $1" expr "$(cut -d ' ' -f 1-3 "$home/one/suite.count")" = "$1"
}

counts_as '3 0 0' 'the totals of cmocka' 'echo "[  PASSED  ] 3 test(s)." >&2'
counts_as '5 0 0' 'two groups of cmocka in one program' 'echo "[  PASSED  ] 3 test(s)."; echo "[  PASSED  ] 2 test(s)."'
counts_as '2 1 1' 'all totals of cmocka' \
        'printf "%s\n" "[  PASSED  ] 2 test(s)." "[  SKIPPED ] 1 test(s), listed below:" "[  FAILED  ] 1 test(s), listed below:" \
        "[  FAILED  ] test_a"; exit 1'
counts_as '0 1 0' 'cmocka that ran nothing' 'echo "[  PASSED  ] 0 test(s)."'
counts_as '3 1 0' 'a program that fails after its tests' 'echo "[  PASSED  ] 3 test(s)."; exit 9'
counts_as '4 2 1' 'a line of its own' 'echo "4 passed, 2 failed, 1 skipped"; exit 1'
counts_as '1 0 0' 'the last line of its own' 'echo "4 passed, 2 failed, 1 skipped"; echo "1 passed, 0 failed, 0 skipped"'
counts_as '0 1 0' 'a line that says that nothing ran' 'echo "0 passed, 0 failed, 0 skipped"'
counts_as '1 0 0' 'output without numbers' 'echo done'
counts_as '0 1 0' 'output and an exit status' 'echo oops; exit 3'
counts_as '0 1 0' 'silence' 'true'
counts_as '0 1 0' 'silence and an exit status' 'exit 1'
counts_as '0 0 1' 'exit status 77' 'echo no such tool; exit 77'
counts_as '0 1 0' 'a signal' 'echo going; kill -SEGV $$'
counts_as '0 1 0' 'what is not there' 'exec ./no-such-program'
TIMEOUT=1 counts_as '0 1 0' 'a suite that hangs' 'echo hanging; exec tail -f /dev/null'
counts_as '1 0 0' 'a suite that reads its input' 'cat; echo read'
counts_as '1 0 0' 'a suite that is interrupted by default' 'sh -c "kill -INT \$\$"; test $? -gt 128 && echo interrupted'
counts_as '1 0 0' 'a temporary folder of its own' "test -d \"\$TMPDIR\" && echo \"\$TMPDIR\" | tee '$home/folder'"
refute 'the temporary folder is gone afterwards' test -e "$(cat "$home/folder")"

tests/run.sh a/good sh -c 'echo "2 passed, 0 failed, 1 skipped"' >"$home/line"
check 'a good suite is one line' expr "$(wc -l <"$home/line")" = 1
check 'the sum of a good suite is no failure' tests/run.sh sum
check 'the sum ends with the one plain line' expr "$(tests/run.sh sum | tail -n 1)" = '2 passed, 0 failed, 1 skipped'
tests/run.sh b/notes sh -c 'echo quiet; echo "note: 7 of 7"; echo "1 passed, 0 failed, 0 skipped"' >"$home/line"
check 'a note of a good suite is shown' grep -q '^      7 of 7$' "$home/line"
refute 'the rest of its output is not' grep -q quiet "$home/line"
rm "$RESULTS/b/notes.count"
tests/run.sh a/bad sh -c 'echo this is why; exit 1' >"$home/line"
check 'a failing suite shows its output' grep -q 'this is why' "$home/line"
refute 'the sum of a failure is a failure' tests/run.sh sum
check 'the sum adds up' expr "$(tests/run.sh sum | tail -n 1)" = '2 passed, 1 failed, 1 skipped'
check 'the sum names what failed' sh -c 'tests/run.sh sum | grep -q "^FAIL  a/bad$"'
RESULTS="$home/none" refute 'nothing run is a failure' tests/run.sh sum
refute 'no arguments are an error' tests/run.sh

# A signal ends the runner and what it runs.
mkfifo "$home/ready" "$home/alive"
tests/run.sh long sh -c "echo begun >'$home/ready'; exec cat '$home/alive'" >/dev/null 2>&1 &
runner=$!
read -r _ <"$home/ready"
kill -TERM $runner
wait $runner
check 'a signal ends the runner' test $? -eq 130
# A fuzzer that has found something ends as libFuzzer does: with 77, unless it is told otherwise.
cat >"$home/planted_fuzz" <<'END'
#!/bin/sh
status=77
for word in "$@"; do
        case $word in -error_exitcode=*) status=${word#*=} ;; -runs=0) exit 0 ;; esac
done
exit "$status"
END
chmod +x "$home/planted_fuzz"
tests/run.sh c/fuzz sh tests/fuzz/smoke/run.sh "$home/planted_fuzz" 1 >"$home/line"
check 'what a fuzzer finds is a failure, not a skip' grep -q '^FAIL.*0 passed, 1 failed' "$home/line"
finish
