#!/bin/sh
# The worklist and what colleagues do: filters, advice, handing over, saving, appointing, classifying, and being asked
# for what is to be entered.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
export SCHAKEL_CHAIN=tests/data/chains/colleagues SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said

raise() { # OPTION...: prints the id
        "$schakel" call --as sam@shop --to front "$@" --json | sed -n 's/.*"call":"\([^"]*\)".*/\1/p'
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
says_not() { ! grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
stands_at() { "$schakel" show "$1" --team front --json 2>/dev/null | grep -qF -- "\"at\":\"$2\""; }
task() { "$schakel" task "$@" --team front; }

links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
till=$(raise --type service-request --facility till --need 'a drawer sticks')
lamp=$(raise --type service-request --facility lamp --need 'a bulb' --urgency 1)
wait_until stands_at "$till" operate.perform
wait_until stands_at "$lamp" operate.perform

# The list.
check 'the worklist is there' status_of 0 task list
check 'the most urgent comes first' sh -c 'sed -n 2p "$1" | grep -q lamp' - "$said"
check 'it is filtered by facility' status_of 0 task list --facility till
check 'the rest is not shown' says_not 'lamp of shop'
check 'and by customer' status_of 0 task list --customer nobody
check 'which may leave nothing' says 'nothing is to be done'
check 'and by profile' status_of 0 task list --profile expert
check 'others are responsible' says 'nothing is to be done'
check 'and by person' status_of 0 "$schakel" task list --as anna@front
check 'who may claim both' says 'till of shop'
check 'an expert has nothing to do yet' status_of 0 "$schakel" task list --as carl@front
check 'so it is said' says 'nothing is to be done'

# What a task says.
check 'a task tells who answers for it' status_of 0 task show "$till"
check 'in whose place' says 'accountable: dina (for eva, away)'
check 'what to do' says 'Look at it'
check 'what is offered' says '[10]'
check 'whom to ask' says 'expert (carl); it cannot be completed without advice'

# Priority.
check 'an operator does not say how urgent a call is' status_of 1 task classify "$till" --priority 1 --as anna
check 'the coordinator does' status_of 0 task classify "$till" --priority 2 --category jammed --reason payday --as dina
check 'one of the two is needed' status_of 2 task classify "$till" --as dina
check 'the worklist follows' sh -c '"$1" task list --facility till --json | grep -qF "\"priority\":2"' - "$schakel"

# Advice.
check 'who has not claimed it does not ask' status_of 1 task ask "$till" 'which oil?' --as anna
"$schakel" task claim "$till" --as anna@front >"$said"
check 'it waits for advice' status_of 1 task complete "$till" --set cause=cable --as anna
check 'nobody was asked' says 'advice-missing'
check 'the consulted are asked' status_of 0 task ask "$till" 'which oil?' --as anna
check 'now it waits for them' status_of 1 task complete "$till" --set cause=cable --as anna
check 'which is said' says 'advice-open'
check 'it stands on their list' status_of 0 "$schakel" task list --as carl@front
check 'with the question' says 'which oil?'
check 'others are not asked' status_of 1 task advise "$till" 'any' --as bo
check 'they advise' status_of 0 task advise "$till" 'none' --as carl
check 'who asked reads it' sh -c '"$1" task show "$2" --team front | grep -q "carl: none"' - "$schakel" "$till"
check 'a person can be asked by name' status_of 0 task ask "$till" 'and you?' --to bo --as anna
check 'he advises' status_of 0 task advise "$till" 'carl knows' --as bo

# Entering.
check 'what does not fit is refused before it is sent' status_of 1 task complete "$till" --set cause=rust --as anna
check 'with what would' says 'must be one of "fuse", "cable", "screen"'
check 'what is required is asked for' status_of 1 task complete "$till" --set spare=true --as anna
check 'by name' says 'cause: is required'
check 'it can be saved half' status_of 0 task save "$till" --set cause=cable --as anna
check 'only by who holds it' status_of 1 task save "$till" --set cause=fuse --as bo
check 'a holder hands over' status_of 0 task assign "$till" bo --note 'the oil is in the car' --as anna
check 'with what was saved' sh -c '"$1" task show "$2" --team front | grep -qF "\"cause\":\"cable\""' - "$schakel" "$till"
check 'who has handed over does not complete' status_of 1 task complete "$till" --as anna
check 'the next goes on' status_of 0 task complete "$till" --set spare=true --as bo
wait_until stands_at "$till" operate.review
check 'who is informed is told' wait_until grep -rqs '"person":"finn"' "$folder"
check 'everything is in the result' sh -c \
        '"$1" show "$2" --team front --json | grep -qF "{\"cause\":\"cable\",\"spare\":true,\"minutes\":10}"' - "$schakel" "$till"

# Nobody is accountable.
check 'it stands on the list of the coordinator' status_of 0 "$schakel" task list --as dina@front
check 'as a task of its own' says 'appoint'
check 'the task says so' status_of 0 task show "$till"
check 'and what to do' says 'schakel task appoint'
check 'who is away is not appointed' status_of 1 task appoint "$till" finn --as dina
check 'which is said' says 'away'
check 'an operator appoints nobody' status_of 1 task appoint "$till" bo --as anna
check 'the coordinator appoints' status_of 0 task appoint "$till" bo --as dina
check 'then it is off the list' sh -c '! "$1" task list --as dina@front | grep -q appoint' - "$schakel"

# Times at the ends of the calendar, and two people with one task.
far=$(raise --type service-request --facility lamp --need 'some time' --due 9999-12-31T23:59:59Z)
wait_until stands_at "$far" operate.perform
check 'what is needed by a time that has passed is asked wrongly' status_of 2 "$schakel" call --as sam@shop --to front \
        --type service-request --facility lamp --need x --due 1900-01-01
check 'it is said' says '1900-01-01 00:00:00" has passed'
check 'a year that there is not is asked wrongly' status_of 2 "$schakel" call --as sam@shop --to front \
        --type service-request --facility lamp --need x --due 10000-01-01
"$schakel" task claim "$far" --as anna@front >"$said"
check 'an answer is not waited for until 1900' status_of 1 task question "$far" 'which?' --until 1900-01-01 --as anna
check 'with the remedy' says 'give one that is to come'
check 'until 9999 it is' status_of 0 task question "$far" 'which?' --until 9999-12-31T23:59:59Z --as anna
question_is_open() { "$schakel" answer "$far" 'that one' --as sam@shop >"$said" 2>&1; }
wait_until question_is_open
answer_is_there() { "$schakel" task show "$far" --team front | grep -q 'the customer answers: that one'; }
wait_until answer_is_there
check 'nothing is ready in 1900' status_of 1 task note "$far" late --forecast 1900-01-01 --as anna
check 'which is said too' says 'the forecast lies in the past'
"$schakel" task ask "$far" 'how?' --as anna@front >"$said"
"$schakel" task advise "$far" 'so' --as carl@front >"$said"
check 'who does not hold a task does not complete it' status_of 1 task complete "$far" --set cause=fuse --as bo
check 'the reason is said' says 'it is not claimed by this person'
# By its number: without it, who comes late would mean the task that follows.
visit=$("$schakel" show "$far" --team front --json | sed -n 's/.*"visit":{"number":\([0-9]*\).*/\1/p')
for number in 1 2 3; do
        "$schakel" task complete "$far/$visit" --set cause=fuse --as anna@front >"$folder/done.$number" 2>&1 &
        eval "pid_$number=\$!"
done
done_count=0
for number in 1 2 3; do
        eval "wait \$pid_$number" && done_count=$((done_count + 1))
done
check 'of several who complete one task the first has done it' test $done_count -eq 1
check 'the others are told that it is over' test "$(grep -lE 'the task is over|there is no such task' "$folder"/done.* | wc -l)" -eq 2

# Being asked: a terminal is needed.
check 'without a terminal nothing is asked' status_of 1 task do "$lamp" --as anna </dev/null
check 'and what to do is said' says 'schakel task complete --set'
on_terminal() { # INPUT COMMAND: what it says goes to $said
        printf "$1" | script -qec "$2" /dev/null >"$said" 2>&1
}
if command -v script >/dev/null; then
        "$schakel" task claim "$lamp" --as anna@front >"$said"
        "$schakel" task ask "$lamp" 'how?' --as anna@front >"$said"
        "$schakel" task advise "$lamp" 'so' --as carl@front >"$said"
        check 'who stops keeps what he has entered' on_terminal 'scr\n\004' "'$schakel' task do $lamp --as anna@front"
        check 'it is said' says 'saved'
        check 'what a file of the team and one of the chain say is asked' says 'What was wrong'
        check 'a wrong answer is asked again, the default is taken' \
                on_terminal '\nsoon\n\nmaybe\ny\n' "'$schakel' task do $lamp --as anna@front"
        check 'what was wrong is said' says 'it must be a whole number'
        check 'with what the form says beside its reference' says 'How long it took (a whole number)'
        check 'and for yes and no' says 'it must be yes or no'
        check 'what was saved is offered' says '[screen]'
        wait_until stands_at "$lamp" operate.review
        check 'the answers are the result' sh -c \
                '"$1" show "$2" --team front --json | grep -qF "{\"cause\":\"screen\",\"minutes\":10,\"spare\":true}"' - "$schakel" "$lamp"
        cut=$(raise --type incident --facility till --need 'it beeps')
        wait_until stands_at "$cut" recover.cut
        check 'a cut asks what follows' on_terminal 'op\nnothing is broken\n' "'$schakel' task do $cut --as bo@front"
        wait_until stands_at "$cut" operate.perform
else
        skip 'there is no script(1) to be a terminal'
fi
finish
