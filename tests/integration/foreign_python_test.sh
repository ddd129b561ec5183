#!/bin/sh
# A client and a supplier in Python, written from schemas/README.md, exchange every message of the catalogue with the link
# between them, in each direction in which it goes. Once more with SK_TEST_LOG=kafka.
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
all() { # WAY KIND: as many as there are schemas of that kind
        count=$(find schemas/messages -name "$2.*.schema.json" | wc -l)
        [ "$count" -gt 0 ] && told "$2 $1: $count of $count"
}
one_is_dead() { # and it is the one that was mended
        "$schakel" deadletter list -C "$chain" --log "$log" >"$folder/dead"
        [ "$(grep -c 'call.raise' "$folder/dead")" = 1 ] && grep -q 'bad-data' "$folder/dead" || { cat "$folder/dead"; return 1; }
}

"${SCHAKELD:-schakeld}" -C "$chain" --team desk --log "$log" >"$folder/link" 2>&1 &
others=$!
check 'every message is exchanged, and all rules of the page hold' exchange
for kind in call feedback; do
        check "each message of $kind goes to the link" all 'to the link' $kind
        check "each message of $kind comes from the link" all 'from the link' $kind
done
check 'each record of work is done' all 'to the link, and done' work
check 'each event comes from the link' all 'from the link' event
check 'closed calls come from the link' all 'from the link' archive
check 'a record of no topic is not delivered again' told 'work redeliver refused invalid'
check 'the one dead letter is the one that was mended' one_is_dead
kill -TERM "$others"
wait "$others"
check 'the link ends when it is told to' test $? -eq 0
others=
finish
