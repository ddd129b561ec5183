#!/bin/sh
# A client and a supplier in Python, written from schemas/README.md alone, exchange every message of the catalogue with
# the link between them. Once more with SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
. tests/support/python.sh
schakel=${SCHAKEL:-schakel}
chain_begin
python_begin
log_new foreign tests/foreign/chain

exchange() { python3 tests/foreign/exchange.py "$log" >"$folder/told" 2>&1 || { cat "$folder/told" "$folder/link"; return 1; }; }
told() { grep -qx "$1" "$folder/told" || { cat "$folder/told"; return 1; }; }
none_is_dead() { "$schakel" deadletter list -C "$chain" --log "$log" | grep -qxF 'no dead letters'; }

"${SCHAKELD:-schakeld}" -C "$chain" --team desk --log "$log" >"$folder/link" 2>&1 &
others=$!
check 'every message is exchanged, and all rules of the page hold' exchange
check 'all messages of calls, feedback and work were written' told 'sent 34 messages of the catalogue, .*'
check 'a task that is claimed is held' told 'work claim done ok'
check 'a record of no topic is not delivered again' told 'work redeliver refused unknown-topic'
check 'there are no dead letters' none_is_dead
kill -TERM "$others"
wait "$others"
check 'the link ends when it is told to' test $? -eq 0
others=
finish
