#!/bin/sh
# Somebody on the first day, who knows nothing but what schakel prints: finishes an incident, asks the customer, consults
# a colleague, hands over to a supplier, and closes. Each command is taken out of the output of the one before; what it
# says in capitals is filled in from what is on the screen.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
log_new newcomer teams/shared-service-centre # on a local log, and with SK_TEST_LOG=kafka on a Kafka
# As shipped nobody is asked whether it works again; here the first line is.
sed -i 's/"recover.review": { "how": "auto" }/"recover.review": { "responsible": "desk", "how": "manual" }/' \
        "$chain/service-centre/routines/recover.json"
export SCHAKEL_CHAIN="$chain" SCHAKEL_LOG="$log" TZ=UTC COLUMNS=80
said=$folder/said

enter() { # COMMAND LINE: as a person types it; what it prints is in $said
        entered=$1
        eval "\"\$schakel\" ${1#schakel }" >"$said" 2>&1
}
says() { grep -qE -- "$1" "$said" || { echo "after: $entered"; cat "$said"; return 1; }; }
# What stands behind a label. A screen that does not say what is next ends the test.
next() { # LABEL
        command=$(sed -n "s/^$1[^:]*: \(schakel .*\)/\1/p" "$said" | head -n 1)
        [ -n "$command" ] && return
        check "the screen says how to \"$1\"" says "^$1[^:]*: schakel "
        finish
}
fill() { # WORD TEXT
        command=$(printf '%s' "$command" | sed "s/$1/$2/")
}
go() { # LABEL: what the screen says under it, as it stands
        next "$1"
        enter "$command"
}
is_said_by() { # PATTERN: looks again at the same until it says so
        enter "$entered"
        grep -qE -- "$1" "$said"
}
fits() { # everything but commands is no wider than the terminal
        ! grep -v ': schakel ' "$said" | sed 's/…/./g' | awk 'length($0) > 80' | grep . || { echo "after: $entered"; return 1; }
}
choice() { # MEMBER: the second of its choices, as the screen lists them
        tr '\n' ' ' <"$said" | sed -n "s/.* $1\*: [^(]*(\([^)]*\)).*/\1/p" | tr -s ' ' | cut -d, -f2 | tr -d ' '
}
begin_day() { # PERSON@TEAM: how one begins stands in the help
        enter "schakel task --help"
        command=$(sed -n 's/^ *\(schakel task list --as\) .*/\1/p' "$said")
        command="$command $1"
        enter "$command"
}

links_start "$SCHAKEL_CHAIN" "$SCHAKEL_LOG"
enter "schakel call --as finance --facility laptop --urgency 2 --type incident --need 'the screen stays black'"
check 'a customer calls' says '^call '
customer_looks=$(sed -n 's/^how it stands: //p' "$said")
check 'and is told how to see how it stands' test -n "$customer_looks"

# The incident is on the list; claimed, it is the newcomer's.
list_has() { begin_day "$1" && grep -q "$2" "$said"; }
wait_until list_has bram@service-centre 'open the first'
check 'the list fits the terminal but for commands' fits
go 'open the first'
check 'the task says what it is' says '^Find out what is the matter'
check 'what the customer needs' says 'What the customer needs +the screen stays black'
check 'what to do' says 'What to do +1 Is the charger plugged in'
check 'who answers for it' says 'accountable: dina'
check 'until when' says '^due '
check 'what comes next' says '^Then '
check 'and fits the terminal' fits
go 'claim it'
check 'it is claimed' says '^claimed'
go 'go on with it'
check 'it can be completed now' says '^complete it: schakel'

# The customer is asked, and answers from what his own screen says.
next 'ask the customer'
fill QUESTION 'Which number is on the lid?'
enter "$command"
check 'the clock stands' says 'the clock stands'
go 'how it stands'
check 'which shows' says 'the clock stands, so far'
operator_looks=$(sed -n 's/^what is to be done: //p' "$said")
enter "$customer_looks"
wait_until is_said_by '^answer it'
check 'the customer reads the question' says 'Which number is on the lid'
next 'answer it'
fill ANSWER laptop-4711
enter "$command"
check 'the clock runs' says 'the clock runs'
enter "$operator_looks"
wait_until is_said_by 'the customer answers'
lid=$(sed -n 's/.*the customer answers: //p' "$said")
check 'the operator reads the answer' test "$lid" = laptop-4711

# A colleague is consulted.
expert=$(sed -n 's/^Whom to ask .*(\([a-z]*\).*/\1/p' "$said")
check 'the screen names whom to ask' test -n "$expert"
next 'ask a colleague'
fill QUESTION 'Panel or cable?'
enter "$command"
task_looks=$(sed -n 's/^go on with it: //p' "$said")
begin_day "$expert@service-centre"
check 'the colleague finds the question' says 'Panel'
next 'answer the first'
fill ADVICE 'the panel'
enter "$command"
check 'and advises' says '^advised'
enter "$task_looks"
check 'the operator reads the advice' says "$expert: the panel"

# It is handed over to the supplier.
next 'complete it, and hand over to'
cause=$(choice cause)
check 'the screen says what the cause may be' test "$cause" = screen
fill CAUSE "$cause"
fill NAME "$lid"
fill WHY 'the panel is broken'
enter "$command"
check 'it is completed' says '^completed: recover.analyse'
check 'and waits for the supplier' says '^it waits for workplace'
operator_looks=$(sed -n 's/^how it stands: //p' "$said")

# People of the supplier have not seen it either.
work_off() { # PERSON@TEAM PATTERN: the first of his list, with whatever it asks for
        wait_until list_has "$1" "$2"
        go 'open the first'
        go 'claim it'
        go 'go on with it'
        next 'complete it'
        command=$(printf '%s' "$command" | sed 's/=\([A-Z][A-Z]*\)/=new/g')
        enter "$command"
        check "$1 does $2" says '^completed'
}
work_off bo@workplace change.plan
work_off carl@workplace operate.perform

# Back: the newcomer sees that it works again, and that was all.
enter "$operator_looks"
wait_until is_said_by '^claim it'
go 'claim it'
go 'go on with it'
check 'the review asks whether it is what was wanted' says 'wanted'
go 'complete it'
check 'the call is closed' says '^the call is closed'
go 'how it ended'
check 'it was completed' says '^closed +completed'
check 'the promise was kept' says 'kept with .* to spare'
check 'nothing is left to do' list_has bram@service-centre 'nothing is to be done'

# A task in two parts says which it is, and what comes then.
sed -i 's/"recover.prepare": { "how": "auto" }/"recover.prepare": { "responsible": "desk",\
        "how": [{ "manual": { "instruction": "look" } }, { "manual": {}, "responsible": "specialist" }] }/' \
        "$chain/service-centre/routines/recover.json"
links_end
links_start "$SCHAKEL_CHAIN" "$SCHAKEL_LOG"
enter "schakel call --as finance --facility network --type incident --need 'slow'"
wait_until list_has bram@service-centre recover.prepare
go 'open the first'
check 'a part says which it is' says '^Part +1 of 2'
check 'and for whom the next one is' says '^Then +its next part, for specialist'
go 'claim it'
go 'go on with it'
go 'complete it'
check 'the next part is for others' says '^it stands at recover.prepare, for specialist'
begin_day joris@service-centre
go 'open the first'
check 'who find the last part' says '^Part +2 of 2'
check 'with what follows the whole' says '^Then +the cut: '

# Ids as the list shows them in JSON, CALL/VISIT, are good everywhere.
"$schakel" call --as finance --facility laptop --need 'another' --type incident >"$said" 2>&1
task_id() { "$schakel" task list --as bram@service-centre --json | sed -n 's/.*"task":"\([^"]*\)".*/\1/p'; }
is_task() { [ -n "$(task_id)" ]; }
wait_until is_task
for command in show 'task show' 'task claim' trace; do
        enter "schakel $command $(task_id) $([ "$command" = trace ] || echo --as bram@service-centre)"
        refute "$command takes the id of a task" says 'an id has|no such'
done
finish
