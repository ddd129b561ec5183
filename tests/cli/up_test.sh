#!/bin/bash
# `schakel up` with daemons that end: each end is told in words, what may go on is started again, and what may not is not.
set -u
. tests/support/checks.sh
schakel=$(command -v "${SCHAKEL:-schakel}")
home=$(mktemp -d "${TMPDIR:-/tmp}/up.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
said=$home/said
mkdir "$home/bin"
cp "$schakel" "$home/bin/schakel" # looks for the daemon beside itself
cat >"$home/bin/schakeld" <<'END'
#!/bin/sh
# Ends as HOW says the first time, in peace the second.
echo "asked: $*"
test -e "$STARTED" && exit 0
: >"$STARTED"
case $HOW in
kill) kill -9 $$ ;;
*) exit "$HOW" ;;
esac
END
chmod +x "$home/bin/schakeld"
export SCHAKEL_CHAIN=tests/data/chains/people SCHAKEL_LOG="local:$home/log.db" STARTED=$home/started HOW

up() { # STATUS HOW ARGUMENT...
        expected=$1 HOW=$2
        shift 2
        rm -f "$STARTED"
        "$home/bin/schakel" up "$@" >"$said" 2>&1 </dev/null
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
starts() { # NUMBER
        [ "$(grep -c 'asked: ' "$said")" -eq "$1" ] || { cat "$said"; return 1; }
}

while IFS='|' read -r status how started words; do
        check "a daemon that ends with $how" up "$status" "$how" --team bench
        check "$how is told in words" says "$words"
        check "after $how it runs $started times in all" starts "$started"
done <<END
0|0|1|bench | ended
1|3|1|bench | ended unexpectedly
1|64|1|bench | ended: it was started wrongly (64)
1|65|1|bench | ended: the chain directory is bad (65), schakel check says why
1|70|1|bench | ended: another instance of its team pushed it out three times (70)
0|75|2|bench | ended: it could not go on (75); again in
0|kill|2|bench | ended by signal 9 (Killed); again in
END

check 'all teams have a link each' up 0 0
check 'four of them' starts 4
check 'a daemon is told its team and its log' says "--team stock --log $SCHAKEL_LOG"
check 'as JSON each line names its team' up 0 0 --team desk --json
check 'in an object a line' says '{"team":"desk","line":"asked: -C '
check 'a team that there is not is asked wrongly' up 2 0 --team desk --team nobody
check 'and the chain that there is not' up 1 0 -C /nowhere
rm "$home/bin/schakeld"
check 'without a daemon nothing starts' sh -c 'PATH=/usr/bin:/bin "$1/bin/schakel" up >"$1/said" 2>&1; test $? -eq 1' - "$home"
check 'and it is told where it should be' says 'put it beside schakel or into PATH'
finish
