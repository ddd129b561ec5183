#!/bin/sh
# The demonstration as people run it: from beginning to end, again, interrupted, killed, and gone on with.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain=teams/shared-service-centre
history=$chain/history
chain_begin
demo_folder=$folder/demo
log=local:$demo_folder/demo.db
said=$folder/said

tools=$demo_folder/tool.jsonl
book=$demo_folder/demo-chain/workplace/bench-book.csv

demo() { timeout 200 "$schakel" demo -C $chain --folder "$demo_folder" "$@" >"$said" 2>&1; }
says() { grep -qE -- "$1" "$said" || { cat "$said"; return 1; }; }
nothing_runs() { [ -z "$(alive_in "$folder")" ]; }
count_calls() { "$schakel" calls -C $chain --log "$log" --json --limit 1000000 "$@" 2>/dev/null | wc -l; }

how_many() { sed -n "s/^$1  *\([0-9]*\) .*/\1/p" "$said"; } # HOW: activities, as the table says
each_content_once() { # of each key of a webhook what came under it was the same, and it was done once
        grep -q '"said"' "$tools" && ! sed 's/"time":"[^"]*","said":"[^"]*",//' "$tools" | sort -u |
                sed 's/.*"key":"\([^"]*\)".*/\1/' | uniq -d | grep . &&
                ! grep -E '"said":"(done|lost)"' "$tools" | sed 's/.*"key":"\([^"]*\)".*/\1/' | sort | uniq -d | grep .
}
pages_once() { ! grep '"url":"/pager/' "$tools" | sed 's/.*"key":"\([^"]*\)".*/\1/' | sort | uniq -d | grep .; }
book_once() { ! sed 's/",.*//' "$book" | sort | uniq -d | grep .; }
proven() { # NAME: what left the chain
        check "$1: each webhook was done once, and asked for with equal content" each_content_once
        check "$1: nobody was paged twice" pages_once
        check "$1: no line is twice in the bench book" book_once
}
same() { [ "$1" = "$2" ] || { echo "$1 and $2"; return 1; }; }

check 'the demonstration ends well' demo
check 'the clock stands while the customer is asked' says '^ +the clock stands, so far'
check 'and did not count' says 'asked office: .*, not counted'
check 'who is away is deputised' says 'accountable: dina \(for eva, away\)'
check 'what somebody found is a risk' says '^[0-9a-f]{8} +risk .*the third loose cable'
check 'the office hears that it will be late' says '^ +late: expected at .*, the drum comes tomorrow'
promised=$(sed -n 's/^ *resolve by \([0-9-]* [0-9:]*\), in .*/\1/p' "$said" | tail -1)
check 'before its promise breaks' test -n "$promised"
check 'a schedule has started an improvement' says '^risk printer "look at what breaks most'
check 'which has been through' says '^workflow 8 .* completed'
check 'it says what came of it' says \
        '^890 calls of a real service desk went through 7 teams in .*; 890 closed, 0 lost, 0 doubled, equal at both ends of 7 agreements'
check 'cuts were decided as recorded' says '^23 were restored with a change and 867 without, 0 of them otherwise than recorded'
for how in auto manual delegate exec http plugin; do
        check "something was done by $how" test "$(how_many $how)" -gt 0
done
check 'the tools have done as many webhooks' same "$(how_many http)" "$(grep -cE '"said":"(done|lost)"' "$tools")"
check 'some of them on call' grep -q '"url":"/pager/' "$tools"
check 'some after they were told to come again' grep -q '"said":"busy"' "$tools"
check 'some twice, as the answer got lost' grep -q '"said":"again"' "$tools"
check 'which is said' says '^The tools were asked [0-9]* times: [0-9]* webhooks done, each once; '
check 'the bench book has a line for each that the plug-in did' same "$(how_many plugin)" "$(($(wc -l <"$book") - 1))"
proven 'whole'
check 'the chain that is shipped is as it was' sh -c '[ -z "$(find "$1" -newer "$2" -type f)" ]' - $chain "$demo_folder/demo-chain/chain.json"
check 'it shows one call over its hops' says 'schakel trace [0-9a-f-]{36}'
check 'the call goes through several teams' sh -c "grep -c '│  │' '$said' >/dev/null"
for workflow in 1 2 3 4 5 6 7 8; do
        check "workflow $workflow occurs" says "^$workflow [a-z]"
done
check 'it says what to try next' says '^Try: '
check 'nothing is left running' nothing_runs
for file in report.html chain.svg usm.svg way.svg; do
        check "$file is there to open" test -s "$demo_folder/$file"
        if command -v xmllint >/dev/null; then
                check "$file is well-formed" xmllint --noout "$demo_folder/$file"
        fi
done
check 'and it is said where' says '^To open in a browser: '
check 'no call is left open' test "$(count_calls)" -eq 0

check 'a second one ends as well' demo --limit 50 --no-scenes
check 'it begins anew' says '^50 calls of a real service desk'
check 'nothing is left of that one either' nothing_runs
check 'going on with what there is finds all of it known' demo --limit 50 --keep --json
check 'with how it was done' says '"by_how":{"auto":[0-9]+,"manual":[0-9]+,"delegate":[0-9]+,"exec":[0-9]+,"http":[0-9]+,"plugin":[0-9]+}'
check 'the numbers come as JSON' says '"known":50,"closed":50,"open":0,"lost":0,"doubled":0'

# Ctrl-C in the middle: once calls have closed, and before all are.
begun_demo() { # SIGNAL: starts it, sends the signal in the middle, waits
        "$schakel" demo -C $chain --folder "$demo_folder" --no-scenes >"$said" 2>&1 &
        others=$!
        middle=
        while [ -z "$middle" ] && kill -0 "$others" 2>/dev/null; do
                [ "$(count_calls)" -gt 100 ] && [ "$(count_calls --closed)" -gt 100 ] && middle=yes
        done
        [ -n "$in_the_middle" ] && check 'a second one in the same folder is refused' \
                sh -c "! '$schakel' demo -C $chain --folder '$demo_folder' >'$said.2' 2>&1 && grep -q 'another demonstration' '$said.2'"
        kill -"$1" "$others"
        wait "$others"
        status=$?
        others=
}
in_the_middle=yes
begun_demo INT
check 'it was interrupted in the middle' test -n "$middle"
check 'an interrupted one says so' test $status -eq 1
check 'and how to go on' says 'demo --keep goes on where it stopped'
check 'nothing is left running after Ctrl-C' nothing_runs
check 'calls are still open then' test "$(count_calls)" -gt 0

# The log is whole: up and people go on with it, and a replay raises what was not raised yet. The port of
# the tools may be somebody else's by now.
copy=$demo_folder/demo-chain
"$schakel" tool -C "$copy" --port 0 --record "$tools" >"$folder/tool" 2>&1 &
others=$!
wait_until test -s "$folder/tool"
sed -i "s|http://127.0.0.1:[0-9]*/|$(cat "$folder/tool")/|" "$copy"/network/routines/*.json
"$schakel" up -C "$copy" --log "$log" >"$folder/up" 2>&1 &
up=$!
"$schakel" people -C "$copy" --log "$log" >"$folder/people" 2>&1 &
others="$others $up $!"
none_open() { [ "$(count_calls)" -eq 0 ]; }
wait_until none_open
check 'schakel up and the people finish what was open' none_open
check 'the rest of the history goes through' timeout 100 "$schakel" replay -C $chain --log "$log" --json --timeout 60s \
        --history $history/incidents.csv.gz --map $history/servicenow.map.json
timeout 100 "$schakel" replay -C $chain --log "$log" --history $history/incidents.csv.gz \
        --map $history/servicenow.map.json >"$said" 2>&1
check 'then all are closed, none lost, none doubled' says \
        '^890 calls, 890 of them raised before: 890 closed, 0 open, 0 lost, 0 doubled, equal at both ends of 7 agreements'
kill -INT $others
wait
others=
check 'up has ended every link' nothing_runs
proven 'interrupted'

# However it dies, its links and people end.
in_the_middle=
begun_demo KILL
wait_until nothing_runs
check 'nothing is left running when the demonstration is killed' nothing_runs
check 'the next one goes on from there' demo --keep
check 'and loses nothing' says '^890 calls .*; 890 closed, 0 lost, 0 doubled, equal at both ends'
proven 'killed'
for how in auto manual delegate exec http plugin; do
        check "something was done by $how all the same" test "$(how_many $how)" -gt 0
done

refute 'a chain without history has no demonstration' "$schakel" demo -C tests/data/chains/pair --folder "$folder/none"
refute 'a folder that cannot be made is refused' "$schakel" demo -C $chain --folder /proc/none
finish
