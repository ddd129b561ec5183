#!/bin/sh
# The commands of teams/README.md, run as they stand there: what the guide shows is what comes out, but for ids, moments and
# how long things took. A line of dots in the guide stands for any number of lines.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
guide=$PWD/teams/README.md
shipped=$PWD/teams/shared-service-centre
colleagues=$PWD/tests/data/chains/colleagues
chain_begin
case $schakel in */*) PATH=$(cd "$(dirname "$schakel")" && pwd):$PATH ;; esac
case ${SCHAKELD:-schakeld} in */*) PATH=$(cd "$(dirname "$SCHAKELD")" && pwd):$PATH ;; esac
export TZ=UTC
unset COLUMNS SCHAKEL_PERSON

# The commands of a section and what it shows of each, as 1.command, 1.shown, 2.command, ...
section() { # HEADING
        rm -rf "$folder/section" && mkdir "$folder/section"
        awk -v heading="## $1" -v out="$folder/section" '
                /^## / { inside = $0 == heading; next }
                !inside { next }
                /^```/ { open = !open; shown = ""; next }
                open && /^\$ / { count++; shown = out "/" count ".shown"; print substr($0, 3) > (out "/" count ".command"); printf "" > shown; next }
                open && shown != "" { print > shown }' "$guide"
        step=0
}

# Ids, moments, times, and, where figures are of that run alone, all numbers.
masked() { # [all]
        sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g
                s/\b[0-9a-f]{8}\b/ID/g
                s/([0-9]{4}-)?[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?/MOMENT/g
                s/\b[0-9]+ (ms|s|min|h|d)( [0-9]+ (s|min|h))?\b/TIME/g
                s/[0-9a-f]{8}…/ID/g' | if [ "${1:-}" = all ]; then sed -E 's/[0-9]+/N/g'; else cat; fi | sed -E 's/ +/ /g; s/ $//'
}

# Each line that the guide shows comes out, in this order.
is_in() { # SHOWN SAID
        awk 'NR == FNR { if ($0 != "" && $0 != "...") wanted[++count] = $0; next }
                at < count && $0 == wanted[at + 1] { at++ }
                END { if (at < count) { print "not said: " wanted[at + 1]; exit 1 } }' "$1" "$2"
}

# The next command of the section, with the id of this run in place of that of the guide.
follows() { # ID OF THE GUIDE, ID HERE, [all]
        [ -n "$1" ] && sed -i "s/$1/$2/g" "$folder/section/$step.command" "$folder/section/$step.shown"
        eval "$(cat "$folder/section/$step.command")" >"$folder/said" 2>&1
        masked "${3:-}" <"$folder/section/$step.shown" >"$folder/wanted"
        masked "${3:-}" <"$folder/said" >"$folder/got"
        is_in "$folder/wanted" "$folder/got" || { cat "$folder/said"; return 1; }
}
next() { # ID OF THE GUIDE, ID HERE, [all]
        step=$((step + 1))
        [ -e "$folder/section/$step.command" ] || { check "$heading has a command $step" false; return; }
        check "$heading: \$ $(head -c 80 "$folder/section/$step.command")" follows "$1" "$2" "${3:-}"
}
all_are_run() {
        check "$heading: there is no other command" test ! -e "$folder/section/$((step + 1)).command"
}
short_id() { sed -n 's/.*"call":"[0-9a-f-]*\([0-9a-f]\{8\}\)".*/\1/p' | head -n 1; }
on_list() { [ -n "$("$schakel" task list --team "$1" --json 2>/dev/null)" ]; }
none_open() { [ -z "$("$schakel" calls --json 2>/dev/null)" ]; }

# People.
heading='People and their worklist'
section "$heading"
export SCHAKEL_CHAIN=$colleagues SCHAKEL_LOG="local:$folder/people.db"
links_start "$SCHAKEL_CHAIN" "$SCHAKEL_LOG"
"$schakel" call --as sam@shop --to front --type service-request --facility till --need 'a drawer sticks' >"$folder/said"
wait_until on_list front
id=$("$schakel" task list --team front --json | short_id)
for number in 1 2 3 4 5 6; do
        next f419ff62 "$id"
done
step=$((step + 1))
check 'the last one asks on the terminal: task_test.sh answers' grep -q '^schakel task do ' "$folder/section/$step.command"
all_are_run
links_end

# Promises: one call that a person has, and one that nobody takes.
heading='Promises and what is late'
section "$heading"
cp -r "$shipped" "$folder/promises"
sed -i '/"laptop": {/,/}/s/"resolve_within": "PT8H"/"resolve_within": "PT1S"/' \
        "$folder/promises/agreements/operations-service-centre.json"
export SCHAKEL_CHAIN=$folder/promises SCHAKEL_LOG="local:$folder/promises.db"
links_start "$SCHAKEL_CHAIN" "$SCHAKEL_LOG"
"$schakel" call --as operations --facility laptop --type incident --need 'it beeps' >"$folder/said"
manager_is_told() { "$schakel" task list --as eva 2>/dev/null | grep -q 'late  (manager)'; }
wait_until manager_is_told
"$schakel" call --as finance --facility laptop --type incident --need 'screen stays black' --urgency 2 >"$folder/said"
of_finance() { "$schakel" task list --team service-centre --customer finance --json 2>/dev/null; }
is_there() { [ -n "$(of_finance)" ]; }
wait_until is_there
id=$(of_finance | short_id)
shown_id=$(sed -n 's/.* show \([0-9a-f]*\).*/\1/p' "$folder/section/1.command")
in_two_days=$(date -u -d "@$(($(date +%s) + 172800))" +%Y-%m-%d)
sed -i "s/--forecast \"[0-9-]*/--forecast \"$in_two_days/" "$folder/section"/*.command
question_is_there() { "$schakel" show "$id" --team finance | grep -q '^question'; }
clock_runs() { ! "$schakel" show "$id" | grep -q 'the clock stands'; }
customer_is_told() { "$schakel" show "$id" | grep -q '^forecast'; }
for number in 1 2 3 4; do
        next "$shown_id" "$id"
done
wait_until question_is_there
next "$shown_id" "$id"
wait_until clock_runs
next "$shown_id" "$id"
next "$shown_id" "$id"
wait_until customer_is_told
next "$shown_id" "$id"
next "$shown_id" "$id"
all_are_run
links_end

# Routines that change.
heading='Changing routines'
section "$heading"
cp -r "$colleagues" "$folder/changing"
# A designer who is there publishes for the first time; then finn has left.
sed -i '/"deputies": \["dina"\],/d; /"absent": \[{ "from": "2020-01-01", "to": "9999-12-31" }\]/d
        s/"profiles": \["process-manager"\],/"profiles": ["process-manager"]/' "$folder/changing/front/team.json"
export SCHAKEL_CHAIN=$folder/changing SCHAKEL_LOG="local:$folder/changing.db"
links_start "$SCHAKEL_CHAIN" "$SCHAKEL_LOG"
wait_until sh -c '"$1" task list >/dev/null 2>&1' - "$schakel"
"$schakel" template publish --as eva@front --reason 'written down' >"$folder/said" 2>&1
sed -i 's/"operate.review": { "accountable": "line-manager"/"operate.review": { "accountable": "process-manager"/' \
        "$folder/changing/front/routines/operate.json"
for number in 1 2 3 4 5; do
        next '' ''
done
all_are_run
links_end

# Tables.
heading='Routines as tables'
section "$heading"
unset SCHAKEL_LOG
cp -r "$shipped" "$folder/tables"
export SCHAKEL_CHAIN=.
cd "$folder/tables" || exit 1
for number in 1 2 3 4 5 6; do
        next '' ''
done
cd "$OLDPWD" || exit 1
all_are_run

# Steering, and reports of what a team has done: one call too late, others in time, an improvement between them.
heading=Steering
section "$heading"
cp -r "$shipped" "$folder/centre"
sed -i '/"laptop": {/,/}/s/"resolve_within": "PT8H"/"resolve_within": "PT4S"/' \
        "$folder/centre/agreements/finance-service-centre.json"
cd "$folder/centre" || exit 1
export SCHAKEL_LOG=local:chain.db
links_start . "$SCHAKEL_LOG"
calls_for() { # NEED [OPTION...]
        need=$1
        shift
        "$schakel" call --facility laptop --need "$need" "$@" >"$folder/said" 2>&1
        wait_until on_list service-centre
}
everybody() {
        "$schakel" people --until-idle >"$folder/people" 2>&1
        none_open
}
is_late() { "$schakel" task show "$1" --team service-centre 2>/dev/null | grep -q '^late since'; }
calls_for 'screen stays black' --as finance --type incident
late=$("$schakel" task list --team service-centre --json | short_id)
wait_until is_late "$late"
wait_until everybody
calls_for 'the lid is loose' --as finance --type incident
wait_until everybody
calls_for 'stock of panels is low' --as service-centre --to service-centre --type risk \
        --data '{"figure": {"of": "promise kept", "over_days": 30, "was": 50}}'
wait_until everybody
calls_for 'a key is missing' --as finance --type incident
wait_until everybody
next '' ''
next '' ''
next '' '' all
all_are_run
heading=Reports
section "$heading"
sed -i "s/--month 2026-11/--month $(date -u +%Y-%m)/" "$folder/section/1.command"
next '' '' all
all_are_run
heading='The map'
section "$heading"
cp -r "$OLDPWD/teams/supplier-network" .
for number in 1 2; do
        next '' ''
done
next 5f2ac41e "$late"
next '' ''
all_are_run
check 'the drawings are there' test -s chain.svg -a -s usm.svg -a -s way.svg
cd "$OLDPWD" || exit 1
links_end

# A build that keeps the rules, and a slip in the team of the tour.
heading='How check reads'
section "$heading"
example() { # NUMBER FILE
        mkdir -p "$folder/tour/my-chain/$(dirname "$2")"
        awk -v wanted="$1" '/^```json$/ { n++; inside = n == wanted; next } /^```$/ { inside = 0 } inside' \
                "$guide" >"$folder/tour/my-chain/$2"
}
example 1 chain.json
example 2 sales/team.json
example 3 workshop/team.json
example 4 agreements/sales-workshop.json
example 5 workshop/routines/recover.json
example 6 workshop/routines/flat-tyre.json
sed -i 's/"responsible": "operator"/"responsible": "operater"/' "$folder/tour/my-chain/workshop/routines/flat-tyre.json"
unset SCHAKEL_CHAIN SCHAKEL_LOG
cd "$folder/tour" || exit 1
next '' '' # the rules of the method
next '' ''
cd "$OLDPWD" || exit 1
all_are_run
finish
