#!/bin/sh
# Who somebody is: claimed, or proven by the login under which he wrote, where the team asks for that.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
cp -r tests/data/chains/colleagues "$folder/chain"
login=$(id -un)
sed -i "s/\"bo\": { \"profiles\"/\"bo\": { \"login\": \"$login\", \"profiles\"/
        s/\"coordinated_by\": \"line\",/\"coordinated_by\": \"line\", \"actors\": \"proven\",/" "$folder/chain/front/team.json"
export SCHAKEL_CHAIN="$folder/chain" SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said

says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
stands_at() { "$schakel" show "$1" --team front --json 2>/dev/null | grep -qF -- "\"at\":\"$2\""; }

links_start "$folder/chain" "$SCHAKEL_LOG"
call=$("$schakel" call --as sam@shop --to front --type service-request --facility till --need x --json |
        sed -n 's/.*"call":"\([^"]*\)".*/\1/p')
wait_until stands_at "$call" operate.perform

check 'who is not proven is refused' status_of 1 "$schakel" task claim "$call" --as anna@front
check 'with the reason' says 'not-proven'
check 'whose login it is may' status_of 0 "$schakel" task claim "$call" --as bo@front --json
check 'it is said how sure that is' says '"assurance":"proven"'
check 'where nobody asks for proof it is claimed' status_of 0 "$schakel" call --as sam@shop --to front \
        --type service-request --facility lamp --need y --json
check 'which is said too' says '"assurance":"claimed"'

# While the link does not run nobody can prove anything.
links_end
check 'what is written meanwhile waits' status_of 1 "$schakel" task release "$call" --as bo@front --timeout 1s
links_start "$folder/chain" "$SCHAKEL_LOG"
check 'what comes later is done' wait_until "$schakel" task note "$call" later --as bo@front
check 'that was refused: he still has it' status_of 0 "$schakel" task show "$call" --team front
check 'which shows' says 'claimed by: bo'
finish
