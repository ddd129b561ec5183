#!/bin/bash
# What is asked wrongly or cannot be done: the exit status says which, the message what was wrong and what to do; nothing is
# printed as if it was the answer. And what is asked rightly, into a full disk or a pipe that nobody reads.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
export SCHAKEL_CHAIN=tests/data/chains/people SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said out=$folder/out

refused() { # STATUS WORDS ARGUMENT...
        refused_status=$1 refused_words=$2
        shift 2
        "$schakel" "$@" >"$out" 2>"$said" </dev/null
        got=$?
        [ $got -eq "$refused_status" ] || { echo "exit status $got"; cat "$said"; return 1; }
        grep -qF -- "$refused_words" "$said" || { cat "$said"; return 1; }
        [ ! -s "$out" ] || { echo 'on standard output:'; head -n 3 "$out"; return 1; }
        [ "$(sed -n 's/^  //p' "$said" | grep -c .)" -ge 1 ] || { echo 'no remedy:'; cat "$said"; return 1; }
}

# Each line: the status, what is said, the command. Nothing here needs more than a chain.
while IFS='|' read -r status words arguments; do
        eval "set -- $arguments"
        check "schakel $arguments" refused "$status" "$words" "$@"
done <<END
2|did you mean "till"? agreed are: till|call --as shop --type incident --facility tll --need x --log local:$folder/new.db
2|line 1, column 6: not well-formed|call --as shop --type incident --facility till --need x --data '{"a":' --log local:$folder/new.db
2|it must be a JSON object|call --as shop --type incident --facility till --need x --data '[1]' --log local:$folder/new.db
1|/nowhere: No such file or directory|call --as shop --type incident --facility till --need x --data @/nowhere --log local:$folder/new.db
2|"9" is not a whole number from 1 to 5|call --as shop --type incident --facility till --need x --impact 9
2|say whose call it is|call --type incident --facility till --need x --log local:$folder/new.db
2|is none of wish|call --as shop --type incidnt --facility till --need x
2|--need is required|call --as shop --type incident --facility till
2|"x" is not a duration|call --as shop --type incident --facility till --need x --wait --timeout x
2|schakel call has no such command|help call nope
2|there is no such command|help nope
2|there is completion for bash only|completion zsh
2|"2026-13" is no month|report --month 2026-13
2|is not a time|report --from x
2|say with --team|template export
2|desk has no routine "nope"; its folder routines/ has them|template export --team desk nope
2|did you mean "recover"?|template export --team desk recove
2|"No" is no name of a routine|template export --team desk No
2|"x" is not a whole number from 0 to 65535|tool --port x
2|add --usm|map nope
1|there is no log at $folder/none.db|calls --log local:$folder/none.db
1|name the log that the chain's links run on|calls --log local:/nowhere/log.db
1|a log is given as local:FILE or kafka:HOST:PORT|calls --log nonsense:x
1|file is not a database|calls --log local:README.md
1|$folder/none: No such file or directory|import $folder/none --log local:$folder/imported.db
1|is no export of a chain|import README.md --log local:$folder/imported.db
1|cannot be read: No such file or directory|calls -C /nowhere
1|b/team.json: this is not JSON|calls -C tests/data/broken/json-syntax
1|cannot be read: No such file or directory|up -C /nowhere
1|the chain has no history to replay|demo
2|a local log makes what it needs by itself|apply
1|line 1, column 1: not well-formed|map-test README.md
END
check 'a log that was mistyped is not made' sh -c 'for log in none imported; do test ! -e "$1/$log.db" || exit 1; done' - "$folder"

# With links, a call that is open and one that is over.
links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
raise() { "$schakel" call --as shop --type incident --facility till --need "$1" --json | sed -n 's/.*"call":"\([^"]*\)".*/\1/p'; }
is_closed() { "$schakel" show "$1" --team shop --json 2>/dev/null | grep -q '"standing":"closed"'; }
stands_at() { "$schakel" show "$1" --team desk --json 2>/dev/null | grep -qF "\"at\":\"$2\""; }
over=$(raise 'it stays dark')
wait_until stands_at "$over" recover.analyse
"$schakel" people >"$folder/people" 2>&1 &
others=$!
wait_until is_closed "$over"
kill $others && wait $others
others=
open=$(raise 'it hums')
wait_until stands_at "$open" recover.analyse

while IFS='|' read -r status words arguments; do
        eval "set -- $arguments"
        check "schakel $arguments" refused "$status" "$words" "$@"
done <<END
2|an id has 0 to 9, a to f and -|show nope
2|no infrastructure.json has "nope"; schakel infrastructure list names them|infrastructure show nope
1|there is no such call here|show 0000
1|there is no such call here|trace 00000000-0000-7000-8000-000000000000
1|shop has no such call open|note 00000000-0000-7000-8000-000000000000 x --as shop
1|there is no such dead letter|deadletter show desk/0
1|there is no such dead letter|deadletter retry desk/0 --as dana
1|there is no such dead letter|deadletter drop desk/7 --why x --as dana
2|name a dead letter as the list does|deadletter show desk:0:99
2|--why is required|deadletter drop desk/7
2|no team and no person of the chain is called "nobody"|task claim $open --as nobody
2|the chain has no team "nobody"|people --team nobody
1|nothing of the kind is awaited there|retry $open --as dana
1|nothing of the kind is awaited there|result $open --as dana
2|--reason is required|reissue $open --as dana
2|REASON is missing|withdraw $open
END

for list in 'calls' 'task list' 'deadletter list' 'infrastructure list' 'threshold list' watch contract journal 'template list' report; do
        check "$list names the teams that there are" refused 2 'the chain has no team "nobody"; its teams: bench, desk, shop, stock' \
                $list --team nobody
done

# What prints an answer notices that it cannot, and ends quietly when nobody reads on.
full() { # ARGUMENT...
        "$schakel" "$@" >/dev/full 2>"$said" </dev/null
        got=$?
        [ $got -eq 1 ] || { echo "exit status $got"; cat "$said"; return 1; }
        grep -qF 'standard output: could not be written' "$said" || { cat "$said"; return 1; }
}
unread() { # ARGUMENT...
        { "$schakel" "$@" 2>"$said"; echo $? >"$folder/status"; } | true
        got=$(cat "$folder/status")
        case $got in 0 | 1 | 141) ;; *) echo "exit status $got"; cat "$said"; return 1 ;; esac
        ! grep -qiE 'assert|sanitizer|abort' "$said" || { cat "$said"; return 1; }
}
while read -r command; do
        eval "set -- $command"
        check "$command: answers" "$schakel" "$@"
        check "$command: a full disk is noticed" full "$@"
        check "$command: nobody reads on" unread "$@"
done <<END
calls
calls --json
calls --closed
calls --closed --json
show $open
show $open --json
show $over
trace $over
trace $over --json
task list
task list --json
task show $open
task show $open --json
journal
journal --json
report
report --json
report --html
report --csv
map
map --dot
map --usm
method
method --json
template list --team desk
template list --team desk --json
template show --team desk --workflow 4
template show --team desk --process operate --json
template raci --team desk
infrastructure list --json
contract --team desk
plan
plan --json
check
check --json
help
help --json
version
version --json
completion bash
END
finish
