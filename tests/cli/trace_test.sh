#!/bin/sh
# One call over all its hops: trace and show, while it is open and afterwards, with people who ask, delegate, decline,
# withdraw and say that it is another call; and what hostile texts do to a terminal.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
export SCHAKEL_CHAIN=tests/data/chains/people SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said

raise() { # TEAM OPTION...: prints the id
        "$schakel" call --as "$@" --json | sed -n 's/.*"call":"\([^"]*\)".*/\1/p'
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
tells() { # COMMAND CALL WORDS...: the command succeeds and says all of it
        tells_command=$1 tells_call=$2
        shift 2
        "$schakel" $tells_command "$tells_call" >"$said" 2>&1 || { cat "$said"; return 1; }
        for words in "$@"; do
                says "$words" || return 1
        done
}
stands_at() { "$schakel" show "$1" --json 2>/dev/null | grep -qF "\"at\":\"$2\""; }
is_closed() { "$schakel" show "$1" --json 2>/dev/null | grep -q '"standing":"closed"'; }
is_over() { "$schakel" show "$1" --team "$2" --json 2>/dev/null | grep -q '"standing":"closed"'; }
asked_of() { # CALL TEAM: the id of what it asked of that team
        "$schakel" trace "$1" --json | grep -o '"asks":\[[^]]*\]' | grep -o '{"id":"[^"]*","team":"'"$2"'"' |
                head -n 1 | cut -d'"' -f4
}
do_task() { # PERSON CALL ACTIVITY OPTION...
        do_person=$1 do_call=$2
        wait_until stands_at "$do_call" "$3"
        shift 3
        "$schakel" task complete "$do_call" --claim --as "$do_person" "$@" >"$said" 2>&1
}
customer_is_asked() { "$schakel" show "$1" --team "$2" --json 2>/dev/null | grep -q '"question":[0-9]'; }
short() { printf %s "$1" | tail -c 8; }

links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"

# An incident for which a component is changed, after a question.
call=$(raise shop --type incident --facility till --need 'it stays dark')
wait_until stands_at "$call" recover.analyse
check 'before the cut two workflows are possible' tells trace "$call" 'workflow 3 or 4' 'nobody has taken it yet' open
check 'show says whose task it is' tells show "$(short "$call")" 'nobody: it is for clerk' 'workflow 3 or 4' 'task claim'
"$schakel" task claim "$call" --as dana >"$said"
"$schakel" task question "$call" 'Is it plugged in?' --as dana >"$said"
wait_until customer_is_asked "$call" shop
check 'who is asked is told' tells trace "$call" 'waits for the answer of shop'
check 'show tells the question and how to answer it' tells show "$call" 'Is it plugged in?' "answer $(short "$call") 'ANSWER'" \
        'the clock stands'
check 'the answer is given' "$schakel" answer "$(short "$call")" 'yes' --as shop
do_task dana "$call" recover.analyse --set cause=panel --cut change --component till-7 --reason 'panel broken'
wait_until stands_at "$call" recover.cut
bench=$(asked_of "$call" bench)
check 'after the cut it is one' tells trace "$call" 'workflow 3 ' 'cut > change' 'panel broken' till-7 "change $(short "$bench")" \
        'asked shop: '
do_task ben "$bench" change.plan --set part=panel
do_task ben "$bench" operate.accept
wait_until is_over "$call" shop
check 'closed, it shows every hop' tells trace "$call" completed 'promise kept' 'cut > operate' 'fitter: ben' 'clerk: dana' \
        'asked shop: ' 'not counted' 'where the time went: ' 'shop ' '(asked, not counted)' 'waiting for a person'
check 'time at the customer is his alone' sh -c "'$schakel' trace $call --json |
        grep -q '\"team\":\"shop\",\"reason\":\"customer\",\"counted\":false'"
check 'what is told adds up to the whole' sh -c "'$schakel' trace $call --json | tee '$said' |
        sed 's/.*\"time\":\[//' | grep -o '\"share\":[0-9.e-]*' | cut -d: -f2 |
        awk '{ sum += \$1 } END { exit !(sum > 0.999 && sum < 1.001) }'"
check 'show has one result for each process' tells show "$call" 'recover   completed' 'change   completed   bench' 'till-7' \
        'resolve by' 'kept with'
check 'no process ends without one' sh -c "! '$schakel' show $call | grep -q 'nothing was recorded'"
check 'what was asked is a call of its own' tells show "$bench" 'request-for-change till' 'desk > bench' 'operate   completed'
check 'and says of what it is a part' tells trace "$bench" 'part of a larger call' "$call"
check 'the customer sees his side' tells "show --team shop" "$call" 'shop > desk' completed

# Several targets, one of which declines.
call=$(raise shop --type service-request --facility till --need 'two more')
wait_until stands_at "$call" operate.perform
bench=$(asked_of "$call" bench)
wait_until stands_at "$bench" operate.accept
check 'all that were asked are there' tells trace "$call" delegated "operate $(short "$bench")" stock 'workflow 5'
"$schakel" task claim "$bench" --as ben >"$said"
"$schakel" task decline "$bench" --as ben --reason 'no room' >"$said"
wait_until is_closed "$bench"
escalated() { "$schakel" show "$call" --json | grep -q '"escalated":true'; }
wait_until escalated
check 'what became of each is told' tells trace "$call" 'escalated: delegation-failed' declined 'not applicable: declined'
do_task dana "$call" operate.perform --set note=later
wait_until is_over "$call" shop
check 'and who helped' tells trace "$call" 'process-coordinator: dana' completed

# A walk-in, delegated as well.
call=$(raise desk --to desk --type incident --facility till --need 'our own')
do_task dana "$call" recover.analyse --cut operate
wait_until stands_at "$call" operate.perform
check 'a walk-in is a call like another' tells trace "$call" 'desk > desk' 'workflow 4' 'cut > operate' bench stock

# Declined at once, withdrawn, another type, never opened.
call=$(raise shop --to desk --type incident --facility till --need 'works again')
wait_until stands_at "$call" recover.analyse
"$schakel" withdraw "$call" 'works again' --as shop >"$said"
wait_until is_over "$call" shop
check 'what was withdrawn is told with what was left out' tells trace "$call" withdrawn 'not applicable: withdrawn' \
        'workflow 3 or 4'
call=$(raise shop --type request-for-change --facility till --need 'wrong type')
wait_until stands_at "$call" change.accept
"$schakel" task claim "$call" --as dana >"$said"
"$schakel" task decline "$call" --as dana --reason 'it is broken' --retype incident >"$said"
do_task dana "$call" change.close
again() { "$schakel" show "$call" --team shop --json | grep -q '"type":"incident"'; }
wait_until again
check 'a call that was another is told with what followed' tells trace "$call" 'raised again as incident: open' \
        'declined: retyped' 'recover '
links_end
call=$(raise shop --type incident --facility till --need 'nobody is there' --timeout 0s)
check 'without links there is nothing to tell' sh -c "! '$schakel' trace $call 2>'$said'"
check 'which is said' says 'there is no such call'

# Hostile texts.
links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
hostile=$(printf 'dark\033[31m\033]0;owned\007\n\342\200\256evil \302\233 \\ "x"\r\177end')
call=$(raise shop --type incident --facility till --need "$hostile")
wait_until stands_at "$call" recover.analyse
"$schakel" task claim "$call" --as dana >"$said"
"$schakel" task question "$call" "$hostile" --as dana >"$said"
wait_until customer_is_asked "$call" shop
"$schakel" note "$call" "$hostile" --as shop >"$said"
for how in show trace 'show --team shop' 'watch --since 1h --limit 6 --call' 'trace --json' 'show --json'; do
        "$schakel" $how "$call" >"$said" 2>&1
        check "$how shows something" says "$(short "$call")"
        refute "$how lets no control character through" grep -q "$(printf '[\001-\010\013-\037\177]')" "$said"
        refute "$how turns no writing" grep -q "$(printf '\342\200\256')" "$said"
done

# Asked wrongly.
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
for command in show trace; do
        check "$command of nothing is asked wrongly" status_of 2 "$schakel" $command
        check "$command of what is no id is asked wrongly" status_of 2 "$schakel" $command 'xy; rm'
        check "$command of too short an id is asked wrongly" status_of 2 "$schakel" $command 01a
        check "$command of a call that is not there fails" status_of 1 "$schakel" $command 00000000-0000-7000-8000-000000000000
        check "$command then says what to do" says 'schakel calls'
        check "$command of an id that fits several is asked wrongly" status_of 2 "$schakel" $command \
                "$(printf %s "$call" | head -c 5)"
        check "$command without a log is asked wrongly" status_of 2 env -u SCHAKEL_LOG "$schakel" $command "$call"
done
width_of() { COLUMNS=$1 "$schakel" trace "$call" | sed -n '/^WHAT/,$p' | LC_ALL=C.UTF-8 wc -L; }
check 'a team that has no part in a call shows nothing of it' status_of 1 "$schakel" show "$call" --team stock
check 'and says that others do' says 'without --team'
check 'a trace fits a narrow terminal' test "$(width_of 60)" -le 60
check 'and is not narrower than it must be' test "$(width_of 200)" -gt 60
finish
