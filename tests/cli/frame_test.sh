#!/bin/sh
# What every command has: help with an example, JSON, a place in the man page, and errors that say what to do.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
home=$(mktemp -d "${TMPDIR:-/tmp}/frame.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT

status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$home/out" 2>"$home/err" </dev/null
        got=$?
        [ "$got" -eq "$expected" ] || { echo "exit status $got"; cat "$home/err"; return 1; }
}
commands=$("$schakel" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')

check 'there are commands' test -n "$commands"
for command in $commands; do
        check "$command has help" status_of 0 "$schakel" "$command" --help
        check "help and --help of $command are the same" sh -c '"$1" help "$2" | cmp - "$3"' - "$schakel" "$command" "$home/out"
        check "$command has an example" grep -q '^  .*schakel' "$home/out"
        check "$command refuses an option that it does not have" status_of 2 "$schakel" "$command" --no-such-option
        check "$command then says where help is" grep -q "see: schakel.* --help" "$home/err"
        check "$command stands in the man page" grep -q "^\*$command\*" broker/cli/man/schakel.1.scd
        for below in $("$schakel" help "$command" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  .*/\1/p'); do
                check "$command $below has help" status_of 0 "$schakel" "$command" "$below" --help
                check "$command $below takes --json" grep -q -e '--json' "$home/out"
                check "$command $below has an example" grep -q '^  .*schakel' "$home/out"
        done
done

check 'without a command it is asked wrongly' status_of 2 "$schakel"
check 'help alone is no error' status_of 0 "$schakel" --help
check 'the version is no error' status_of 0 "$schakel" --version
for library in jansson libsodium libuv SQLite; do
        check "the version names $library" grep -q "$library" "$home/out"
done
check 'a command that does not exist is asked wrongly' status_of 2 "$schakel" methud
check 'and the one that was meant is named' grep -q 'did you mean "method"?' "$home/err"
check 'a hostile name is asked wrongly' status_of 2 "$schakel" "$(printf '\033]0;owned\007\n')"
refute 'and reaches no terminal' grep -q "$(printf '\033')" "$home/err"
check 'a full disk is noticed' sh -c '"$1" method >/dev/full; test $? -eq 1' - "$schakel"

# A terminal of our own, where there is a program that makes one.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
        escape=$(printf '\033')
        TERM=xterm NO_COLOR='' script -qec "$schakel method" /dev/null >"$home/colours" </dev/null
        TERM=xterm NO_COLOR=1 script -qec "$schakel method" /dev/null >"$home/plain" </dev/null
        check 'a terminal gets colours' grep -q "$escape" "$home/colours"
        refute 'not with NO_COLOR' grep -q "$escape" "$home/plain"
else
        skip 'colours: there is no program that makes a terminal'
fi
"$schakel" method >"$home/file"
refute 'a file gets none' grep -q "$(printf '\033')" "$home/file"
finish
