#!/bin/sh
# `schakel check`: what it prints, what it exits with, and that nothing hostile reaches the terminal.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
broken=tests/data/broken

status() { # STATUS ARGUMENT...: `schakel check` exits so
        wanted=$1
        shift
        "$schakel" check "$@"
        found=$?
        [ "$found" -eq "$wanted" ] || { echo "exit status $found, not $wanted"; return 1; }
}
prints() { # TEXT ARGUMENT...: it stands somewhere in the output
        wanted=$1
        shift
        output=$("$schakel" check "$@" 2>&1)
        case $output in *"$wanted"*) ;; *) printf 'not in it: %s\n%s\n' "$wanted" "$output"; return 1 ;; esac
}
no_escapes() { # ARGUMENT...: no control character but line feeds
        ! "$schakel" check "$@" 2>&1 | LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')"
}
every_error_exits_1() {
        for folder in "$broken"/*; do
                errors=$("$schakel" check -C "$folder" --json | grep -c '"severity":"error"')
                "$schakel" check -C "$folder" >/dev/null
                [ $? -eq "$errors" ] || { echo "$folder"; return 1; }
        done
}

check 'a good chain exits 0' status 0 -C tests/data/chain-small
check 'a broken one exits 1' status 1 -C "$broken/who-unknown"
check 'a warning alone exits 0' status 0 -C "$broken/facility-empty"
check 'an unknown option exits 2' status 2 --no-such-option
check 'an argument too many exits 2' status 2 -C tests/data/chain-small extra
check 'a directory that is not there exits 1' status 1 -C /nowhere/at/all
no_secret() { ! "$schakel" check -C "$broken/secret-plain" "$@" 2>&1 | grep hunter2; }
check 'a line with a secret is not shown' no_secret
check 'nor as JSON' no_secret --json
check 'each folder of broken chains exits as it should' every_error_exits_1
check 'it says where' prints "$broken/who-unknown/b/routines/operate.json:7:40: error:" -C "$broken/who-unknown"
check 'it shows the line' prints '     7 |     "operate.perform": {"responsible": "operater"' -C "$broken/who-unknown"
check 'it underlines the place' prints '       |                                        ^^^^^^^^^^' -C "$broken/who-unknown"
check 'it says what may have been meant' prints 'did you mean "operator"?' -C "$broken/who-unknown"
check 'it counts' prints '2 teams, 1 agreement, 1 routine; 1 error, 0 warnings, 0 notices' -C "$broken/who-unknown"
check 'it explains the choice of steering' prints '"process" (routines and reports are kept per process)' -C "$broken/steering-missing"
check 'JSON has code, file, line and pointer' prints '"code":"who-unknown","file":"b/routines/operate.json","line":7,"column":40,"length":10,"pointer":"/activities/operate.perform/responsible"' -C "$broken/who-unknown" --json
check 'JSON of a good chain names the edition' prints '"ok":true,"chain":"small","edition":"' -C tests/data/chain-small --json
check 'quiet leaves notices out' prints '3 teams' -C tests/data/chain-small --quiet
for name in name-bad--escape name-bad--facility json-utf8 json-depth; do
        check "$name reaches no terminal unescaped" no_escapes -C "$broken/$name"
done
hostile=$(mktemp -d)
mkdir "$hostile/$(printf 'a\033[2J')"
echo '{}' >"$hostile/$(printf 'a\033[2J')/team.json"
check 'a hostile file name reaches no terminal unescaped' no_escapes -C "$hostile"
check 'nor does a hostile directory' no_escapes -C "$(printf '/nowhere\033[2J')"
rm -r "$hostile"
finish
