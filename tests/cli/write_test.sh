#!/bin/bash
# Commands that write files: what cannot be written whole is not written at all, and is told with what to do.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
home=$(mktemp -d "${TMPDIR:-/tmp}/write.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
said=$home/said
cp -r tests/data/chains/people "$home/chain"
export SCHAKEL_CHAIN=$home/chain SCHAKEL_LOG="local:$home/log.db" TZ=UTC

status_of() { # STATUS ARGUMENT...
        expected=$1
        shift
        "$schakel" "$@" >"$said" 2>&1 </dev/null
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
refused() { # STATUS WORDS ARGUMENT...: and every file of the chain is as it was
        refused_status=$1 refused_words=$2
        shift 2
        rm -rf "$home/before"
        cp -r "$home/chain" "$home/before"
        status_of "$refused_status" "$@" && says "$refused_words" && diff -r "$home/before" "$home/chain"
}

# A routine that is made.
check 'one scope at a time' refused 2 'give --process or --workflow, not both' template new desk --process change --workflow 3
check 'for a team that there is' refused 2 'the chain has no team "nobody"' template new nobody --process change
check 'a routine is made' status_of 0 template new desk --process change --json
check 'which JSON names' says '{"file":"desk/routines/change.json","process":"change"}'
check 'the chain is good with it' status_of 0 check
check 'a second time it stays as it is' refused 0 'desk has a routine for it, change: it stays as it is' template new desk --process change
rm -rf "$home/chain/bench/routines"
: >"$home/chain/bench/routines"
check 'where no file can be made none is' refused 1 'it cannot be written: Not a directory' template new bench
check 'and the remedy is told' says 'see that the directory is there and that you may write to it'
rm "$home/chain/bench/routines"
check 'afterwards all of them are made' status_of 0 template new bench
check 'one a workflow' test "$(ls "$home/chain/bench/routines" | grep -c '^workflow-[1-8]\.json$')" -eq 8
sed -i '1s/{/{,/' "$home/chain/bench/routines/workflow-1.json"
check 'into a chain that is broken nothing is made' refused 1 'bench/routines/workflow-1.json' template new stock --process change
rm -r "$home/chain/bench/routines"

# A routine as a table, and back.
check 'a table is written' status_of 0 template export --team desk --output "$home/table.csv" change
check 'it comes back without a change' refused 0 '' template import "$home/table.csv" --team desk
check 'a folder that is not there is told' refused 1 'No such file or directory' template export --team desk --output "$home/none/table.csv" change
mknod "$home/full" c 1 7 2>/dev/null && ( : >"$home/full" ) 2>/dev/null && full=$home/full || full=
if [ -n "$full" ]; then
        check 'a full disk is told' refused 1 'No space left on device' template export --team desk --output "$full" change
        check 'and a device stays one' test -c "$full"
else
        skip 'a full disk: no device can be made here'
fi
mkfifo "$home/pipe"
piped() { # what comes through is the table
        exec 3<>"$home/pipe"
        status_of 0 template export --team desk --output "$home/pipe" change &&
                head -c "$(wc -c <"$home/table.csv")" <&3 | cmp - "$home/table.csv"
}
check 'a pipe is written to' piped
check 'and stays one' test -p "$home/pipe"
: >"$home/led-to.csv"
ln -s led-to.csv "$home/link.csv"
check 'of a link what it leads to is written' status_of 0 template export --team desk --output "$home/link.csv" change
check 'and the link stays' sh -c 'test -L "$1/link.csv" && cmp "$1/table.csv" "$1/led-to.csv"' - "$home"
check 'nothing is left beside it' sh -c '! ls "$1"/*.new.* 2>/dev/null' - "$home"
check 'a folder is no file' refused 1 'Is a directory' template export --team desk --output "$home" change
check 'a table that is not there is told' refused 1 'No such file or directory' template import "$home/none.csv" --team desk
check 'what is no table is refused' refused 1 'README.md' template import README.md --team desk
sed 's/change\.plan/change.plam/' "$home/table.csv" >"$home/wrong.csv"
check 'an activity that does not exist is refused' refused 1 'change.plam' template import "$home/wrong.csv" --team desk
head -c 200 "$home/table.csv" >"$home/cut.csv"
check 'a table that was cut off changes nothing' sh -c 'cp -r "$2/chain" "$2/was" && { "$1" template import "$2/cut.csv" --team desk >"$2/said" 2>&1; true; } &&
        "$1" check >/dev/null 2>&1' - "$schakel" "$home"

# Pages and exports.
"$schakel" deadletter list --log "$SCHAKEL_LOG" >/dev/null 2>&1
check 'without a log there is no page' refused 1 'there is no log at' report --html --output "$home/page.html"
check 'nor a file for it' test ! -e "$home/page.html"
check 'without a log nothing is exported' refused 1 'there is no log at' export "$home/chain.export"
check 'nor is a file left' sh -c '! ls "$1"/chain.export* 2>/dev/null' - "$home"
finish
