#!/bin/sh
# watch: what happens while it happens, and its end.
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
watch() { # FILE OPTION...: in the background; its pid is $watcher
        watch_file=$1
        shift
        "$schakel" watch "$@" >"$watch_file" 2>&1 &
        watcher=$!
        others="$others $watcher"
}
waits() { [ "$(awk '/^SigCgt/ { print substr($2, length($2)) }' "/proc/$1/status")" != 0 ]; } # it catches Ctrl-C now
has() { grep -qF -- "$2" "$1"; }
ended() { # PID SIGNAL: its exit status in $status
        kill -"$2" "$1"
        wait "$1"
        status=$?
}
short() { printf %s "$1" | tail -c 8; }

links_start $SCHAKEL_CHAIN "$SCHAKEL_LOG"
first=$(raise shop --type request-for-change --facility till --need 'earlier')
wait_until sh -c "'$schakel' calls | grep -q change.accept"

watch "$folder/all"
all=$watcher
watch "$folder/desk" --team desk
desk=$watcher
watch "$folder/lines" --json
lines=$watcher
for pid_of in "$all" "$desk" "$lines"; do
        wait_until waits "$pid_of"
done
call=$(raise shop --type incident --facility till --need 'it stays dark')
wait_until has "$folder/all" 'recover.analyse waits for clerk'
wait_until has "$folder/desk" 'recover.analyse waits for clerk'
wait_until has "$folder/lines" '"activity":"recover.analyse"'
check 'it shows what happens now' has "$folder/all" "desk   $(short "$call")  opened: incident till of shop"
check 'of all teams' has "$folder/all" 'asks desk: incident till'
refute 'but not of earlier' grep -q "$(short "$first")" "$folder/all"
refute 'nor what links do by themselves' grep -q 'recover.accept' "$folder/all"
refute 'of one team it shows only that' grep -q '^[0-9:]*  shop' "$folder/desk"
check 'JSON comes a line each' sh -c "! grep -v '^{\"time\":\".*\"data\":{.*}}$' '$folder/lines'"
check 'JSON has everything' has "$folder/lines" '"activity":"recover.accept"'
ended "$all" INT
check 'Ctrl-C is its end, and no failure' test $status -eq 0
ended "$desk" TERM
check 'so is SIGTERM' test $status -eq 0
ended "$lines" INT
check 'also with JSON' test $status -eq 0

check 'it begins earlier if that is wanted' status_of 0 "$schakel" watch --since 1h --limit 3
check 'then with what came first' says "$(short "$first")"
check 'after so many it ends' test "$(wc -l <"$said")" -eq 3
check 'of one call it shows only that' status_of 0 "$schakel" watch --since 1h --limit 3 --call "$(short "$call")"
refute 'and no other' grep -q "$(short "$first")" "$said"
check 'all of it shows more' status_of 0 "$schakel" watch --all --since 1h --limit 6 --call "$call"
check 'such as what links do' says 'recover.accept completed'
check 'it fits a narrow terminal' sh -c "COLUMNS=50 '$schakel' watch --since 1h --limit 6 | LC_ALL=C.UTF-8 wc -L | grep -qx '[1-4]\?[0-9]\|50'"
refute 'a file gets no colours' grep -q "$(printf '\033')" "$said"
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
        look="$schakel watch --since 1h --limit 6"
        TERM=xterm NO_COLOR='' script -qec "$look" /dev/null >"$folder/colours" </dev/null
        TERM=xterm NO_COLOR=1 script -qec "$look" /dev/null >"$folder/plain" </dev/null
        check 'a terminal gets colours' grep -q "$(printf '\033')" "$folder/colours"
        refute 'not with NO_COLOR' grep -q "$(printf '\033')" "$folder/plain"
else
        skip 'colours: there is no program that makes a terminal'
fi
check 'of a team that is not there it is asked wrongly' status_of 2 "$schakel" watch --team nobody
check 'of a call that is not there it fails' status_of 1 "$schakel" watch --call deadbeef
check 'without a log it fails' status_of 1 "$schakel" watch --log "local:$folder/none.db"
check 'arguments are asked wrongly' status_of 2 "$schakel" watch desk
finish
