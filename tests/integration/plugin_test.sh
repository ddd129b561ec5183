#!/bin/sh
# An activity that a plug-in does on a chain that runs: the CSV register gets each call, also while its link and the process
# of the plug-in die again and again; what cannot be used is a person's task that says why. On either log: SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
schakeld=${SCHAKELD:-schakeld}
chain_begin
SCHAKEL_PLUGINS=$folder/plugins
export SCHAKEL_PLUGINS
cp -r "${SK_BUILD:-build/release}/plugins" "$SCHAKEL_PLUGINS"
log_new plugins tests/data/chains/how
SCHAKEL_CHAIN=$chain SCHAKEL_LOG=$log
export SCHAKEL_CHAIN SCHAKEL_LOG
register=$chain/shop/register.csv

says() { # WORDS COMMAND...: it exits with 0 and prints them
        words=$1
        shift
        "$@" >"$folder/out" 2>"$folder/said" && grep -qF -- "$words" "$folder/out" ||
                { cat "$folder/out" "$folder/said"; return 1; }
}
perform() { # HOW: what operate.perform of the shop is from now on
        sed "s|HOW|$1|" "$chain/perform.template" >"$folder/new" && cp "$folder/new" "$chain/shop/routines/operate.json"
}
raise() { # NEED: prints the call's id
        "$schakel" call --as office --to shop --type service-request --facility print --need "$1" --json |
                sed -n 's/.*"call":"\([0-9a-f-]*\)".*/\1/p' | head -1
}
all_closed() { [ "$("$schakel" calls --team office --json --limit 1000 2>/dev/null | wc -l)" -eq 0 ]; }
is_at() { "$schakel" show "$1" --as shop 2>/dev/null | grep -qF -- "$2"; } # CALL WORDS
none_runs() { ! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q -- "[-]-plugin-host $SCHAKEL_PLUGINS"; }
lines_of() { grep -c "^\"$1/" "$register"; }

# ---- what it says of itself ----
for plugin in csv-register zammad; do
        check "$plugin says what it takes" says "## $plugin" "$schakeld" --plugin-help $plugin
        while IFS= read -r line; do
                check "the page has: $line" grep -qxF -- "$line" broker/plugins/README.md
        done <"$folder/out"
done
check 'one that is not there is said not to be' sh -c '! "$1" --plugin-help nobody 2>"$2" && grep -q nobody.so "$2"' - \
        "$schakeld" "$folder/said"

# ---- on a chain ----
perform '{"plugin": {"name": "csv-register", "config": {"file": "register.csv", "columns": "need,id"}, "attempts": 20, "backoff": "PT1S", "backoff_max": "PT1S", "in": {"need": "/call/need"}}}'
check 'the chain is good' "$schakel" check --quiet
check 'and so are its plug-ins' "$schakeld" -C "$chain" --team shop --check
links_start "$chain" "$log"
first=$(raise 'ten copies')
wait_until all_closed
check 'the register has a head' says '"key","need","id"' cat "$register"
check 'and the call' grep -qE "^\"$first/[0-9]+\",\"ten copies\"," "$register"

shop=$(grep -l '^shop$' "$folder"/links/*.team | sed 's|.*/\([0-9]*\).team|\1|')
: >"$folder/raised"
for i in $(seq 12); do
        raise "copy $i" >>"$folder/raised"
        [ $((i % 3)) -eq 0 ] && links_kill "$shop"
done
wait_until all_closed
check 'no call stays behind' all_closed
for call in $(cat "$folder/raised"); do
        check "$call is in the register once" test "$(lines_of "$call")" -eq 1
done

# ---- what cannot be used ----
perform '{"plugin": {"name": "csv-register", "config": {"colour": "red"}}}'
says_wrong() { ! "$schakeld" -C "$chain" --team shop --check 2>"$folder/said" && grep -qF -- "$1" "$folder/said"; }
check 'schakeld --check says so beforehand' says_wrong \
        'operate.perform of routine operate cannot be done by plug-in csv-register: config: csv-register has no option'
links_end
links_start "$chain" "$log"
wrong=$(raise 'a poster')
wait_until is_at "$wrong" escalated
check 'it is the coordinator'\''s, who reads why' says 'csv-register has no option "colour"' \
        "$schakel" task show "$wrong" --as boss@shop
links_end
wait_until none_runs
check 'nothing is left running' none_runs
finish
