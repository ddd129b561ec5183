# Sourced by tests that are shell scripts: counts what is checked and says it as tests/run.sh reads it.
#
#   check 'what must be true' COMMAND [ARGUMENT...]    passes if the command succeeds; its output is shown if not
#   refute 'what must be true' COMMAND [ARGUMENT...]   passes if the command fails
#   skip 'what is not checked, and why'
#   finish                                             at the end: the line with the numbers, and the exit status

checks_passed=0 checks_failed=0 checks_skipped=0

check_result() { # STATUS SENTENCE OUTPUT
        if [ "$1" -eq 0 ]; then
                checks_passed=$((checks_passed + 1))
                echo "ok: $2"
        else
                checks_failed=$((checks_failed + 1))
                echo "failed: $2"
                printf '%s\n' "$3" | sed 's/^/    /'
        fi
}

check() {
        check_sentence=$1
        shift
        check_output=$("$@" 2>&1)
        check_result $? "$check_sentence" "$check_output"
}

refute() {
        check_sentence=$1
        shift
        if check_output=$("$@" 2>&1); then
                check_result 1 "$check_sentence" "$check_output"
        else
                check_result 0 "$check_sentence" ''
        fi
}

skip() {
        checks_skipped=$((checks_skipped + 1))
        echo "skipped: $1"
}

finish() {
        echo "$checks_passed passed, $checks_failed failed, $checks_skipped skipped"
        [ "$checks_failed" -eq 0 ]
        exit
}
