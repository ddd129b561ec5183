#!/bin/sh
# The conformance kit against schakeld, at both ends of a call, and against stand-ins of which three are broken. Once
# more with SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
. tests/support/python.sh
chain_begin
python_begin
patience=300 # until an answer counts as missing; only what is broken takes it

kit() { # SIDE
        python3 tests/conformance/kit.py "$log" --chain "$name" --side "$1" --patience $patience >"$folder/told" 2>&1
}
passes() { kit "$1" || { cat "$folder/told"; return 1; }; }
fails_by() { # RULE...: these and no others
        kit provider && { cat "$folder/told"; return 1; }
        [ "$(sed -n 's/^FAILS  \([a-z-]*\) .*/\1/p' "$folder/told" | xargs)" = "$*" ] || { cat "$folder/told"; return 1; }
}
begin() { # COMMAND...
        "$@" >"$folder/said" 2>&1 &
        others=$!
}
end() {
        kill -TERM "$others"
        wait "$others" 2>/dev/null
        others=
}
standin() { begin python3 tests/conformance/standin.py "$log" --chain "$name" "$@"; }

check 'the kit knows stand-ins that keep the rules from those that do not' python3 tests/conformance/kit_test.py
log_new conformance tests/data/chains/pair
name=$(sed -n '0,/"name"/s/.*"name": *"\([^"]*\)".*/\1/p' "$chain/chain.json")
for side in provider customer; do
        begin "${SCHAKELD:-schakeld}" -C "$chain" --team $side --log "$log"
        check "schakeld keeps the rules as a $side" passes $side
        end
done
standin
check 'a stand-in that keeps them passes as a provider' passes provider
check 'and as a customer' passes customer
end
standin --broken numbering
check 'one that does not number fails' fails_by numbering
end
standin --broken twice
check 'one that works on a repeated raise fails' fails_by repeated-raise closed-once
end
standin --broken key
check 'one that uses another key than it was told fails' fails_by returned
end
finish
