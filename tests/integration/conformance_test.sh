#!/bin/sh
# The conformance kit against schakeld, at both ends of a call, and against stand-ins: one that keeps the rules, and one for
# each way of being broken. Once more with SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
. tests/support/python.sh
chain_begin
python_begin
patience=60 # until an answer counts as missing; only what is broken takes it
brief=1      # the same of a stand-in whose answers are awaited in vain; kit_test.py has seen that no other rule fails

kit() { # SIDE PATIENCE
        python3 tests/conformance/kit.py "$log" --chain "$name" --side "$1" --patience "$2" >"$folder/told" 2>&1
}
passes() { kit "$1" $patience || { cat "$folder/told" "$folder/said"; return 1; }; }
fails_by() { # SIDE RULE...: these, and perhaps others that waited in vain; what is broken is told
        side=$1
        shift
        kit "$side" $brief && { cat "$folder/told"; return 1; }
        for rule in "$@"; do
                grep -q "^FAILS  $rule " "$folder/told" || { cat "$folder/told"; return 1; }
        done
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

check 'the kit knows stand-ins that keep the rules from those that do not' python3 tests/conformance/kit_test.py
log_new conformance tests/conformance/chain
name=$(sed -n '0,/"name"/s/.*"name": *"\([^"]*\)".*/\1/p' "$chain/chain.json")
for side in provider customer; do
        begin "${SCHAKELD:-schakeld}" -C "$chain" --team $side --log "$log"
        check "schakeld keeps the rules as a $side" passes $side
        end
        begin python3 tests/conformance/standin.py "$log" --chain "$name" --side $side
        check "a stand-in that keeps them passes as a $side" passes $side
        end
done
python3 tests/conformance/kit_test.py --ways >"$folder/ways"
while read -r side way rules; do
        begin python3 tests/conformance/standin.py "$log" --chain "$name" --side "$side" --broken "$way"
        # shellcheck disable=SC2086
        check "a $side that is $way fails" fails_by "$side" $rules </dev/null
        end
done <"$folder/ways"
finish
