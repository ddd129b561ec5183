#!/bin/sh
# `schakel steering`: planned without touching anything, applied as an event; open calls go on, and what gets stuck
# afterwards lands with the new coordinator. On either log: SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
log_new steered teams/shared-service-centre

run() { "$schakel" "$@" >"$folder/out" 2>"$folder/said"; }
says() { # WORDS COMMAND...: it exits with 0 and prints them
        words=$1
        shift
        run "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out" "$folder/said"; return 1; }
}
exits() { # STATUS WORDS COMMAND...: it exits so and says them
        wanted=$1 words=$2
        shift 2
        run "$@"
        found=$?
        [ $found -eq "$wanted" ] && grep -qF -- "$words" "$folder/out" "$folder/said" ||
                { echo "exit status $found"; cat "$folder/out" "$folder/said"; return 1; }
}
same() { [ "$1" = "$2" ] || { echo "$1 and $2"; return 1; }; }

before=$(cat "$chain/service-centre/team.json")
check 'a plan says what changes' says 'templates: 19, 12 of them change' steering plan service-centre -C "$chain" \
        --organised-by workflow --coordinated-by line
check 'whose worklist' says 'own tasks, late and stuck work > own tasks' steering plan service-centre -C "$chain" \
        --coordinated-by line
check 'which reports' says 'a row for each process > a row for each workflow' steering plan service-centre -C "$chain" \
        --organised-by workflow
check 'and what stays' says 'report for finance' steering plan service-centre -C "$chain" --organised-by workflow
check 'the same as JSON' says '"templates":[{"what":"' steering plan service-centre -C "$chain" --json
check 'a plan changes nothing' same "$before" "$(cat "$chain/service-centre/team.json")"
check 'a team that is not there is asked wrongly' exits 2 'no team' steering plan nobody -C "$chain"
check 'another word is asked wrongly' exits 2 'organised-by' steering plan service-centre -C "$chain" --organised-by line
check 'without a log nothing is applied' exits 2 'becomes an event' steering apply service-centre -C "$chain" \
        --coordinated-by line --reason x
check 'nor without a reason' exits 2 'say why' steering apply service-centre -C "$chain" --coordinated-by line --log "$log"

links_start "$chain" "$log"
check 'a call is open meanwhile' says 'raised' call -C "$chain" --log "$log" --as finance --person marijke \
        --to service-centre --type incident --facility laptop --need 'black screen' --timeout 60s
check 'who only executes is refused' exits 1 'not-entitled' steering apply service-centre -C "$chain" --log "$log" \
        --coordinated-by line --reason 'we want to' --as anna@service-centre --timeout 60s
check 'then the file is as it was' same "$before" "$(cat "$chain/service-centre/team.json")"
check 'who designs chooses' says 'chosen: organised by process, coordinated by line' steering apply service-centre \
        -C "$chain" --log "$log" --coordinated-by line --reason 'we want to' --as dina@service-centre --timeout 60s
check 'one word of the file is another' same "$(printf '%s\n' "$before" | sed 's/\("coordinated_by": *\)"process"/\1"line"/')" \
        "$(cat "$chain/service-centre/team.json")"
check 'the chain still passes its check' "$schakel" check -C "$chain" --quiet
"$schakel" watch -C "$chain" --log "$log" --since 1h --team service-centre >"$folder/watched" 2>&1 &
others=$!
wait_until grep -q 'another steering' "$folder/watched"
check 'it is an event with person and reason' grep -q \
        'organised by process, coordinated by line, chosen by dina: we want to' "$folder/watched"
kill $others
wait $others
others=
check 'the same again would change nothing' exits 2 'so already' steering apply service-centre -C "$chain" --log "$log" \
        --coordinated-by line --reason 'we want to' --as dina@service-centre
check 'the open call is still there' says 'laptop' calls -C "$chain" --log "$log" --team service-centre
check 'maturity is told from the record' says 'service-centre   organised by process, coordinated by line' \
        check --maturity -C "$chain" --log "$log" --team service-centre
check 'with facts' says 'routines        8 of 8 workflows complete' check --maturity -C "$chain" --log "$log" \
        --team service-centre
check 'and warnings where it is too early' says 'warning: 0 calls have closed' check --maturity -C "$chain" --log "$log" \
        --team applications
check 'none where nobody steers by workflows' sh -c '! "$1" check --maturity -C "$2" --log "$3" --team network |
        grep -q warning' - "$schakel" "$chain" "$log"
check 'facts are JSON too' says '"maturity":[{"team":"applications","organised_by":"workflow"' check --maturity \
        -C "$chain" --log "$log" --team applications --json
finish
