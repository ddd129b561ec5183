#!/bin/sh
# `schakel check --conformance`: every rule of the method on this build, in words and as JSON.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
text=$("$schakel" check --conformance)
status=$?
json=$("$schakel" check --conformance --json)
json_status=$?

says() { # LINE: as it stands there
        printf '%s\n' "$text" | grep -qxF "$1" || { printf '%s\n' "$text"; return 1; }
}
says_in_json() { # PART
        case $json in *"$1"*) ;; *) echo "$json"; return 1 ;; esac
}
no_chain_is_read() { "$schakel" check --conformance -C /nowhere/at/all; }

check 'every rule holds' test "$status" -eq 0
check 'as JSON as well' test "$json_status" -eq 0
check 'it says how many' says '24 rules of the method hold, 0 fail'
for number in 1 2 3 4 5 6 7 8; do
        check "a call went through workflow $number" says_in_json "{\"rule\":\"workflow-$number\","
done
check 'each rule has a line' test "$(printf '%s\n' "$text" | grep -c '^holds  ')" -eq 24
check 'each is in the JSON' test "$(printf '%s\n' "$json" | grep -o '"holds":true' | wc -l)" -eq 24
check 'the JSON says how it ends' says_in_json '"ok":true,"held":24,"failed":0}'
check 'no chain is read' no_chain_is_read
check 'the shell completes it' sh -c '"$1" completion bash | grep -q -- --conformance' - "$schakel"
finish
