#!/bin/sh
# `schakel journal` and `schakel deadletter` on the log of a chain that runs: closed calls are stubs, open ones heads with
# data, and nothing is unreadable. On either log: SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
history=teams/shared-service-centre/history
chain_begin
log_new journals tests/data/chains/automatic

journal() { "$schakel" journal -C "$chain" --log "$log" "$@" >"$folder/out" 2>"$folder/said"; }
prints() { # WORDS [OPTION...]: it exits with 0 and prints them
        words=$1
        shift
        journal "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out" "$folder/said"; return 1; }
}
counts() { # NUMBER [OPTION...]: so many records, one JSON text a line
        number=$1
        shift
        journal --json "$@" && [ "$(wc -l <"$folder/out")" -eq "$number" ] || { wc -l "$folder/out"; cat "$folder/said"; return 1; }
}

links_start $chain "$log"
"$schakel" replay -C "$chain" --log "$log" --history $history/incidents.csv.gz --map $history/servicenow.map.json \
        --limit 40 --timeout 60s --json >"$folder/replayed" 2>&1
check 'the calls were replayed' grep -qF '"closed":40,"open":0' "$folder/replayed"
links_end
check 'closed calls are stubs' counts 40 --team service-centre --kind stub
check 'nothing is open' counts 0 --kind head
check 'and nothing has data' counts 0 --kind data
check 'a link that has worked has a clock' counts 1 --team service-centre --kind mark
check 'offsets are readable' prints 'next offset ' --kind offset
check 'a key is the beginning of one' prints 'completed, closed ' --key finance/ --team service-centre
check 'a key that is not there has no records' prints 'no records' --key nobody/

"${SCHAKELD:-schakeld}" -C "$chain" --team finance --log "$log" >"$folder/finance.out" 2>&1 &
others=$!
check 'a call is raised while its provider is away' "$schakel" call -C "$chain" --log "$log" --as finance --person eva \
        --to service-centre --type incident --facility laptop --need 'black screen' --timeout 60s
kill -TERM "$others"
wait "$others"
others=
check 'it has a head' prints 'incident laptop, raised' --team finance --kind head
check 'and data' prints '"need":"black screen"' --team finance --kind data --json

letters() { "$schakel" deadletter "$@" -C "$chain" --log "$log" >"$folder/out" 2>&1; }
check 'there are no dead letters' letters list
check 'it says so' grep -qxF 'no dead letters' "$folder/out"
check 'there are none to be dropped' letters drop --all --why 'not needed'
refute 'one that is not there cannot be shown' letters show finance/7
check 'and it is told how to find those that are' grep -qF 'schakel deadletter list --all names them' "$folder/out"
finish
