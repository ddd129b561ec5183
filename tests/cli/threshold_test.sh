#!/bin/sh
# Thresholds: a figure that crosses its limit raises one call, whoever asks for it and how often; the call keeps the figure, and
# its review shows before and after.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
export SCHAKEL_CHAIN=tests/data/chains/thresholds SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said
today=$(date -u +%Y-%m-%d)

raise() { # OPTION...: prints the id
        "$schakel" call --as shop --to desk --type incident "$@" --json | sed -n 's/.*"call":"\([^"]*\)".*/\1/p'
}
says() { grep -qE -- "$1" "$said" || { cat "$said"; return 1; }; }
says_not() { ! grep -qE -- "$1" "$said" || { cat "$said"; return 1; }; }
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
stands_at() { "$schakel" show "$1" --team desk --json 2>/dev/null | grep -qF -- "\"at\":\"$2\""; }
is_late() { "$schakel" show "$1" --team desk 2>/dev/null | grep -q 'late by'; }
is_closed() { "$schakel" show "$1" --team desk --json 2>/dev/null | grep -q '"outcome":"completed"'; }
done_late() { # NEED: a call that is completed after its promise
        call=$(raise --facility till --need "$1")
        wait_until stands_at "$call" operate.perform
        wait_until is_late "$call"
        "$schakel" task complete "$call" --claim --as dina >"$said"
        wait_until is_closed "$call"
}
threshold() { "$schakel" threshold "$@" --on "$today"; }

links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
wait_until sh -c '"$1" task list >/dev/null 2>&1' - "$schakel"
check 'thresholds are listed' status_of 0 threshold list
check 'with nothing to make a figure of' says '^tills-late +desk +till +promise kept below 95 % over 30 days +- *$'
check 'and where calls are counted with their number' says '^busy +desk +all +when calls above 100 over 1 day +0 *$'
check 'nothing is raised then' status_of 0 threshold raise --as eva@desk
check 'which is said' says '^nothing to raise'

done_late 'the first'
check 'one late call is too few to say anything' status_of 0 threshold list
check 'so the limit is not crossed' says '^tills-late .* 0\.0 % *$'
done_late 'the second'
check 'two are enough' status_of 0 threshold list
check 'since that day' says "^tills-late .* 0\.0 % +$today +not raised"
check 'yesterday is as it was' status_of 0 "$schakel" threshold list
check 'since it is over' says '^tills-late .* - *$'

check 'the call is raised' status_of 0 threshold raise --as eva@desk
check 'by which threshold is said' says 'tills-late of desk: promise kept below 95 % over 30 days; raised [0-9a-f]{8}'
risk=$("$schakel" calls --team desk --json | sed -n 's/.*"call":"\([^"]*\)".*"type":"risk".*/\1/p')
check 'it is a risk' test -n "$risk"
check 'a second time there is nothing to raise' status_of 0 threshold raise --as dina@desk
check 'whoever asks' says '^nothing to raise'
check 'the list has its call' status_of 0 threshold list
check 'by its id' says "^tills-late .* $(printf %s "$risk" | tail -c 8) *\$"
check 'JSON says the same' status_of 0 threshold list --json
check 'whole' says "\"threshold\":\"tills-late\".*\"value\":0\.?0?,\"calls\":2,\"crossed\":\"$today\",\"call\":\"$risk\",\"is_raised\":true"

wait_until stands_at "$risk" improve.analyse
check 'a task tells what is to change' status_of 0 "$schakel" task show "$risk"
check 'and how the figure was' says 'promise kept of till over 30 days, 0\.0 % when it was'
"$schakel" show "$risk" --json >"$said"
check 'what the team says itself stays in the data' says '"seen_by":"eva"'
for activity in improve.analyse operate.perform; do
        wait_until stands_at "$risk" $activity
        "$schakel" task complete "$risk" --claim --as dina >"$said"
done
wait_until stands_at "$risk" improve.review
check 'the review' status_of 0 "$schakel" task show "$risk"
check 'shows the figure after' sh -c 'tr -s " \n" "  " <"$1" | grep -q "before it was raised not known of 0 calls, since then 0.0 % of 2 calls"' - "$said"
"$schakel" task complete "$risk" --claim --as dina >"$said"
wait_until is_closed "$risk"
check 'closed, it is not raised again' status_of 0 threshold raise --as eva@desk
check 'as long as the figure stays there' says '^nothing to raise'
check 'the report has it' status_of 0 "$schakel" report --team desk --json
check 'with its figure' says '"call":"'"$risk"'".*"figure":"promise kept","over_days":30'

check 'a team that is not there is asked wrongly' status_of 2 threshold list --team nobody
check 'so is a day that is none' status_of 2 "$schakel" threshold list --on yesterdayish
links_end
finish
