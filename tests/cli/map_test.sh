#!/bin/sh
# `schakel map`: the chain and the method as drawings that are well-formed, complete, and in three languages.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

draws() { # TEXT ARGUMENT...: it stands in what is drawn
        wanted=$1
        shift
        output=$("$schakel" map "$@") || return 1
        case $output in *"$wanted"*) ;; *) echo "not in it: $wanted"; return 1 ;; esac
}
status() { # STATUS ARGUMENT...
        wanted=$1
        shift
        "$schakel" map "$@" >/dev/null 2>&1
        found=$?
        [ "$found" -eq "$wanted" ] || { echo "exit status $found, not $wanted"; return 1; }
}

for chain in teams/*/chain.json; do
        chain=$(dirname "$chain")
        check "$chain can be drawn" "$schakel" map -C "$chain" --output "$folder/$(basename "$chain").svg"
        for team in "$chain"/*/team.json; do
                name=$(basename "$(dirname "$team")")
                check "$name is in it" grep -q ">$name<" "$folder/$(basename "$chain").svg"
        done
        check "$chain has a graph" draws 'digraph chain {' -C "$chain" --dot
        check "$chain has JSON" draws '"agreements":[{' -C "$chain" --json
done
for language in en nl es; do
        check "the method is drawn in $language" "$schakel" map --usm --lang "$language" --output "$folder/usm-$language.svg"
done
check 'every process has its line' draws '>Recover</text>' --usm
check 'both platforms are there' draws 'Reactive: a customer calls' --usm
check 'and the other one' draws 'Proactive: the team itself' --usm
check 'the words are Dutch' draws '>Herstellen</text>' --usm --lang nl
check 'the words are Spanish' draws '>Recuperar</text>' --usm --lang es
check 'JSON has the transfers' draws '"from":"improve","to":"agree","workflows":[6]' --usm --json
check 'a call without --usm is asked wrongly' status 2 5f2a
check 'a call without a log is asked wrongly' status 2 --usm 5f2a
check 'JSON and a graph at once is asked wrongly' status 2 --usm --json --dot
check 'a chain that is not there exits 1' status 1 -C /nowhere/at/all
check 'a file that cannot be written exits 1' status 1 --usm --output /nowhere/at/all.svg
check 'no half file stays behind' test -z "$(ls "$folder" | grep new)"
if command -v xmllint >/dev/null; then
        for file in "$folder"/*.svg; do
                check "$(basename "$file") is well-formed" xmllint --noout "$file"
        done
else
        skip 'that the drawings are well-formed, for another reader: xmllint is not there'
fi
finish
