#!/bin/sh
# `schakel method`: five processes, eight workflows, three languages, and JSON that programs can rely on.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
json=$("$schakel" method --json) || exit 1

has() { # PART: the JSON has it
        case $json in *"$1"*) ;; *) echo "not in it: $1"; return 1 ;; esac
}
count() { # PATTERN NUMBER
        found=$(printf '%s\n' "$json" | grep -o "$1" | wc -l)
        [ "$found" -eq "$2" ] || { echo "$found times $1, not $2"; return 1; }
}

check 'it is revision 1' has '{"revision":1,'
check 'there are five processes' count '"cut":\[' 5
check 'there are eight workflows' count '"trigger":' 8
check 'five of them are reactive' count '"reactive":true' 5
check 'three of them are proactive' count '"reactive":false' 3
check 'agree has its activities in order' has '"activities":["agree.accept","agree.classify","agree.specify","agree.offer","agree.negotiate","agree.review","agree.close"]'
check 'change has its activities in order' has '"activities":["change.accept","change.classify","change.plan","change.prepare","change.release","change.review","change.register","change.close"]'
check 'recover has its activities in order' has '"activities":["recover.accept","recover.classify","recover.analyse","recover.prepare","recover.review","recover.close"]'
check 'operate has its activities in order' has '"activities":["operate.accept","operate.classify","operate.plan","operate.perform","operate.review","operate.close"]'
check 'improve has its activities in order' has '"activities":["improve.identify","improve.classify","improve.analyse","improve.select","improve.review","improve.close"]'
check 'agree may trigger change' has '"cut":["change"]'
check 'change may trigger operate' has '"cut":["operate"]'
check 'recover may trigger either' has '"cut":["change","operate"]'
check 'operate triggers nothing' has '"cut":[]'
check 'improve may trigger any of three' has '"cut":["agree","change","operate"]'
check 'workflow 1 goes down and back' has '"trigger":"wish","path":["agree","change","operate","change","agree"]'
check 'workflow 2 goes down and back' has '"trigger":"request-for-change","path":["change","operate","change"]'
check 'workflow 3 goes down and back' has '"trigger":"incident","path":["recover","change","operate","change","recover"]'
check 'workflow 4 goes down and back' has '"trigger":"incident","path":["recover","operate","recover"]'
check 'workflow 5 is one process' has '"trigger":"service-request","path":["operate"]'
check 'workflow 6 goes down and back' has '"trigger":"risk","path":["improve","agree","change","operate","change","agree","improve"]'
check 'workflow 7 goes down and back' has '"trigger":"risk","path":["improve","change","operate","change","improve"]'
check 'workflow 8 goes down and back' has '"trigger":"risk","path":["improve","operate","improve"]'

says() { # LANGUAGE TEXT
        "$schakel" method --lang "$1" | grep -qF "$2"
}
check 'it speaks English' says en 'Agree (agree): Customer and provider know'
check 'it speaks Dutch' says nl 'Afspreken (agree): Klant en leverancier weten'
check 'it speaks Spanish' says es 'Acordar (agree): El cliente y el proveedor saben'
"$schakel" method --lang de >/dev/null 2>&1
check 'another language is asked wrongly' test $? -eq 2
"$schakel" method surplus >/dev/null 2>&1
check 'an argument is asked wrongly' test $? -eq 2
finish
