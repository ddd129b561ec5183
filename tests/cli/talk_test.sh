#!/bin/sh
# answer, withdraw, note: who may say what about which call, and what comes of it.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
export SCHAKEL_CHAIN=tests/data/chains/people SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said

raise() { # TEAM OPTION...: prints the id
        "$schakel" call --as "$@" --json | sed -n 's/.*"call":"\([^"]*\)".*/\1/p'
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
shows() { "$schakel" show "$1" --team "$2" --json 2>/dev/null | grep -qF -- "$3"; }
stands_at() { shows "$1" "$2" "\"at\":\"$3\""; }
short() { printf %s "$1" | tail -c 8; }

links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
call=$(raise shop --type incident --facility till --need 'it stays dark')
wait_until stands_at "$call" desk recover.analyse

# Notes.
check 'the customer tells the provider' status_of 0 "$schakel" note "$(short "$call")" 'the one at the door' --as shop
check 'and is told that he did' says 'the provider is told'
check 'the provider has it' wait_until shows "$call" desk 'the one at the door'
check 'the provider tells the customer' status_of 0 "$schakel" note "$call" 'a panel is ordered' --as dana --to-customer
check 'or keeps it to itself' status_of 0 "$schakel" note "$call" 'strange people' --as dana --json
check 'the answer comes as JSON' says '"status":"done"'
check 'a note of nobody in particular is asked wrongly' status_of 2 "$schakel" note "$call" text
check 'the teams are named' says 'desk or shop'
check 'a note of another team fails' status_of 1 "$schakel" note "$call" text --as stock
check 'a customer has no customer to tell' status_of 2 "$schakel" note "$call" text --as shop --to-customer
check 'a note has words' status_of 2 "$schakel" note "$call" '' --as shop
check 'one of a stranger is asked wrongly' status_of 2 "$schakel" note "$call" text --as nobody

# Questions.
check 'nothing is open to be answered yet' status_of 1 "$schakel" answer "$call" yes --as shop
check 'which is said' says 'neither a question nor an offer is open'
"$schakel" task claim "$call" --as dana >"$said"
"$schakel" task question "$call" 'Is it plugged in?' --as dana >"$said"
wait_until shows "$call" shop '"question":'
check 'who asked cannot answer' status_of 1 "$schakel" answer "$call" yes --as dana
check 'a question takes no remark' status_of 2 "$schakel" answer "$call" yes --as shop --note x
check 'an answer has words' status_of 2 "$schakel" answer "$call" '' --as shop
check 'who was asked answers; nobody else can be meant' status_of 0 "$schakel" answer "$(short "$call")" 'yes, it is'
check 'the clock runs again' says 'the clock runs'
wait_until shows "$call" desk 'yes, it is'
check 'nothing is answered twice' status_of 1 "$schakel" answer "$call" yes --as shop

# Withdrawing what was asked of another, and the whole.
"$schakel" task complete "$call" --as dana --cut change --component till-7 >"$said"
wait_until stands_at "$call" desk recover.cut
bench=$("$schakel" show "$call" --json | grep -o '"asks":\[{"id":"[^"]*' | cut -d'"' -f6)
wait_until stands_at "$bench" bench change.plan
check 'whoever serves it does not withdraw it' status_of 1 "$schakel" withdraw "$call" 'no' --as dana
check 'who may is said' says 'only its customer'
check 'what was asked is not withdrawn by anybody' status_of 1 "$schakel" withdraw "$bench" 'no' --as dana2
check 'by whom is said' says 'not-entitled'
check 'a provider is told by the id of what was asked' status_of 0 "$schakel" note "$bench" 'it has a sticker' --as dana
check 'and has the note' wait_until shows "$bench" bench 'it has a sticker'
check 'the customer withdraws the whole' status_of 0 "$schakel" withdraw "$call" 'it works again' --as sam
check 'everything behind it ends' wait_until shows "$bench" bench '"outcome":"withdrawn"'
check 'and the call too' wait_until shows "$call" shop '"outcome":"withdrawn"'
check 'what is closed cannot be withdrawn' status_of 1 "$schakel" withdraw "$call" 'again' --as shop
check 'which is said as well' says 'the call is closed'

# A wish: its offer.
call=$(raise shop --type wish --facility till --need 'a faster one')
for activity in accept classify specify offer; do
        wait_until stands_at "$call" desk agree.$activity
        "$schakel" task complete "$call" --claim --as dana --result '{"offer":{"facilities":{}}}' >"$said" 2>&1
done
wait_until shows "$call" shop '"offer":'
check 'an offer is not answered in words' status_of 2 "$schakel" answer "$call" 'why not' --as shop
check 'how is said' says 'accept or refuse'
check 'it is accepted, with a remark' status_of 0 "$schakel" answer "$call" accept --as shop --note 'from May on'
check 'the call goes on' wait_until stands_at "$call" desk change.accept

# Walk-ins.
call=$(raise desk --to desk --type incident --facility till --need 'our own')
wait_until stands_at "$call" desk recover.analyse
"$schakel" task claim "$call" --as dana >"$said"
"$schakel" task question "$call" 'Really?' --as dana >"$said"
check 'a walk-in is answered by the team' status_of 0 "$schakel" answer "$call" 'really'
check 'and withdrawn by it' status_of 0 "$schakel" withdraw "$call" 'it was nothing'
check 'it has ended then' wait_until shows "$call" desk '"outcome":"withdrawn"'

# Where it cannot be said.
call=$(raise shop --type incident --facility till --need 'later')
wait_until stands_at "$call" desk recover.analyse
links_end
check 'without links it is written, and said that nobody runs' status_of 1 "$schakel" note "$call" 'hello' --as shop \
        --timeout 1s
check 'what to do is said' says 'schakel up'
links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
check 'it counts once they run' wait_until shows "$call" desk 'hello'
for command in answer withdraw note; do
        check "$command without words is asked wrongly" status_of 2 "$schakel" $command "$call"
        check "$command of no call is asked wrongly" status_of 2 "$schakel" $command 'no call' text
        check "$command of a call that is not there fails" status_of 1 "$schakel" $command deadbeef text
        check "$command on a log that is not there fails" status_of 1 "$schakel" $command "$call" text \
                --log "local:$folder/none.db"
        refute "$command makes no log" test -e "$folder/none.db"
done
finish
