#!/bin/sh
# Each change of a routine is an event with person, reason and difference; who only executes is refused it; four eyes
# where the team says so.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
cp -r tests/data/chains/colleagues "$folder/chain"
routine=$folder/chain/front/routines/operate.json
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
template() { "$schakel" template "$@"; }

links_start "$folder/chain" "$SCHAKEL_LOG"
wait_until sh -c '"$1" task list >/dev/null 2>&1' - "$schakel"

check 'what was never published is new' status_of 0 template diff --team front
check 'by name' says 'operate  new'
check 'an operator does not publish' status_of 1 template publish --as anna@front --reason 'why not'
check 'which is said' says 'executes-only'
check 'a reason is needed' status_of 2 template publish --as eva@front
check 'who designs publishes' status_of 0 template publish --as eva@front --reason 'written down'
check 'each of them' says 'published: recover'
check 'then there is no difference' status_of 0 template diff --team front
check 'so it is said' says 'as it was published'

sed -i 's/"operate.review": { "accountable": "line-manager"/"operate.review": { "accountable": "process-manager"/' "$routine"
check 'a change shows' status_of 0 template diff --team front operate
check 'where' says '/activities/operate.review/accountable'
check 'from what to what' says '"line-manager" > "process-manager"'
check 'as JSON too' sh -c '"$1" template diff --team front --json | grep -qF "\"at\":\"/activities/operate.review/accountable\""' - "$schakel"
check 'it is published by name' status_of 0 template publish operate --as eva@front --reason 'finn has left'
check 'the history tells who, and why' status_of 0 template history operate --team front
check 'the person' says 'eva'
check 'the reason' says 'finn has left'
check 'what happened' says 'changed'

rm "$folder/chain/front/routines/recover.json"
check 'what is gone shows' status_of 0 template diff --team front
check 'as gone' says 'recover  gone'

# Two people where the team wants it.
links_end
sed -i 's/"coordinated_by": "line",/"coordinated_by": "line", "four_eyes": ["routines"],/
        s/"dina": { "profiles": \["line-coordinator"\] }/"dina": { "profiles": ["line-coordinator", "process-owner"] }/' \
        "$folder/chain/front/team.json"
links_start "$folder/chain" "$SCHAKEL_LOG"
check 'a change is proposed first' status_of 0 template publish recover --as eva@front --reason 'not needed'
check 'which is said' says 'proposed: recover'
check 'it still differs' status_of 0 template diff --team front
check 'and waits for a second person' says 'proposed by eva'
check 'who is not the same' status_of 1 template publish recover --as eva@front --reason 'not needed'
check 'which is said' says 'four-eyes'
check 'a second one who designs approves' status_of 0 template publish recover --as dina@front --reason 'agreed'
check 'now it is in force' status_of 0 template diff --team front
check 'by both' sh -c '"$1" template history recover --team front | grep -q "eva, dina"' - "$schakel"
finish
