#!/bin/sh
# `schakel template`: what the method gives, and what a team has made of it.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
chain=teams/shared-service-centre

prints() { # TEXT ARGUMENT...: it stands in the output
        wanted=$1
        shift
        output=$("$schakel" template "$@" 2>&1)
        case $output in *"$wanted"*) ;; *) printf 'not in it: %s\n%s\n' "$wanted" "$output"; return 1 ;; esac
}
status() { # STATUS ARGUMENT...
        wanted=$1
        shift
        "$schakel" template "$@" >/dev/null 2>&1
        found=$?
        [ "$found" -eq "$wanted" ] || { echo "exit status $found, not $wanted"; return 1; }
}
counts() { # NUMBER PATTERN ARGUMENT...
        wanted=$1 pattern=$2
        shift 2
        found=$("$schakel" template "$@" | grep -o "$pattern" | wc -l)
        [ "$found" -eq "$wanted" ] || { echo "$found times $pattern, not $wanted"; return 1; }
}

check 'five workflows are reactive' counts 5 '"reactive":true' list --json
check 'three are proactive' counts 3 '"reactive":false' list --json
check 'they stand in two groups' prints 'proactive: the team itself' list
check 'a team has its routines' prints 'new-employee*' list -C "$chain" --team service-centre
check 'a workflow that nobody can call it for is said to be so' prints 'not agreed' list -C "$chain" --team network
check 'a process is a table' prints 'recover.analyse' show -C "$chain" --team service-centre --process recover
check 'a workflow is a table' prints 'operate.perform' show -C "$chain" --team service-centre --workflow 4
check 'a call of its own chooses the work instruction' prints 'delegate to workplace, applications' show -C "$chain" --team service-centre --workflow 5 --facility new-employee
check 'names are Dutch' prints 'Analyseren' show -C "$chain" --team service-centre --process recover --lang nl
check 'JSON says what each row is' prints '"kind":"work instruction"' show -C "$chain" --team service-centre --workflow 5 --facility new-employee --json
check 'neither process nor workflow is asked wrongly' status 2 show -C "$chain" --team service-centre
check 'both are asked wrongly' status 2 show -C "$chain" --team service-centre --process recover --workflow 3
check 'no team is asked wrongly' status 2 show -C "$chain" --process recover
check 'another team may be meant' prints 'did you mean "network"' show -C "$chain" --team netwerk --process recover
check 'a ninth workflow is asked wrongly' status 2 show -C "$chain" --team network --workflow 9

check 'a matrix says who has which part' prints 'R' raci -C "$chain" --team service-centre --process change
check 'who is consulted' counts 1 '"consulted":\["expert"\]' raci -C tests/data/chains/colleagues --team front --process operate --json
check 'who stands in' prints 'process-manager: dina (stands in), eva (away)' raci -C tests/data/chains/colleagues --team front
check 'another link stands there too' prints '@workplace' raci -C "$chain" --team service-centre --workflow 5 --facility new-employee
check 'one scope at a time' status 2 raci -C "$chain" --team service-centre --process recover --workflow 3
check 'a facility goes with a workflow' status 2 raci -C "$chain" --team service-centre --facility laptop
finish
