#!/bin/sh
# All 890 incidents of a real service desk, through a chain where nobody has to do anything by hand: every call is closed
# at both ends, none is lost, none is there twice, and the cut is decided as recorded. The same while links are killed.
# SEED=n repeats which links are killed, in the same order. On either log: SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
source=tests/data/chains/automatic
shipped=teams/shared-service-centre/history
whole=${HISTORY:-../shared/data/servicenow_incident_event_log.csv.gz}
kills_max=1500
chain_begin

replay() { # LOG HISTORY [OPTION...]: becomes the replay
        log=$1 history=$2
        shift 2
        exec timeout 200 "$schakel" replay -C "$chain" --log "$log" --history "$history" \
                --map $shipped/servicenow.map.json --timeout 60s --aside "$folder/aside.jsonl" --json "$@" \
                >"$folder/result" 2>"$folder/said"
}
replayed() { (replay "$@"); }
has() { grep -qF -- "$1" "$folder/result" || { tail -c 4000 "$folder/result"; tail -n 5 "$folder/said"; return 1; }; }

# What the teams' archives hold, counted by other means than the replay's.
archived() { # LOG TEAM
        "$schakel" calls -C "$chain" --log "$1" --team "$2" --closed --json --limit 1000000 |
                sed -n 's/.*"\(id\|call\)":"\([0-9a-f-]*\)".*/\2/p' | sort
}

check_result_of() { # WHAT LOG
        check "$1: everything is well" has '"ok":true'
        check "$1: 890 calls are closed" has '"calls":890,'
        check "$1: and not one less" has '"closed":890,"open":0,'
        check "$1: none is lost or doubled" has '"lost":0,"doubled":0,"refused":0,'
        check "$1: all are completed" has '"outcomes":{"completed":890}'
        check "$1: 3 or 4 is decided as recorded" has '"three_or_four":{"changed":23,"as_recorded":890,"otherwise":0}'
        check "$1: both ends of all six agreements are equal" \
                test "$(grep -o '"equal":true' "$folder/result" | wc -l)" -eq 6
        refute "$1: no agreement differs" has '"equal":false'
        check "$1: no row is kept aside" has '"rows":5998,"rows_aside":0,"calls_aside":0,'
        check "$1: statuses that no activity has are told" has '{"status":"Awaiting Vendor","rows":7,"activity":null}'
        archived "$2" service-centre >"$folder/closed"
        check "$1: the archive of the service centre holds 890 calls" test "$(wc -l <"$folder/closed")" -eq 890
        check "$1: all of them different" test "$(uniq "$folder/closed" | wc -l)" -eq 890
}

follow() { # WHAT HISTORY: one replay, and another one that changes nothing
        log_new "$1" $source
        links_start "$chain" "$log"
        check "$1: the replay ends well" replay "$log" "$2"
        check_result_of "$1" "$log"
        check "$1: a second replay ends well" replay "$log" "$2"
        check "$1: it raises nothing" has '"raised":0,"known":890,"closed":890,"open":0,"lost":0,"doubled":0'
        archived "$log" service-centre >"$folder/again"
        check "$1: it changes nothing" cmp "$folder/closed" "$folder/again"
        links_end
}

follow shipped $shipped/incidents.csv.gz
# What follows is about the links; other suites kill those on Kafka.
[ "${SK_TEST_LOG:-local}" = kafka ] && finish
if [ -r "$whole" ]; then
        follow whole "$whole"
else
        skip "the whole history: $whole is not there"
fi

# As it was: under a clock that goes as the record does, with the promises of the map, and a desk where somebody analyses.
cp -r $chain "$folder/desk"
sed -i 's/"recover.analyse": { "how": "auto" }/"recover.analyse": { "how": "manual" }/' \
        "$folder/desk/service-centre/routines/recover.json"
as_recorded() { # [OPTION...]
        timeout 300 "$schakel" replay --as-recorded -C "$folder/desk" --history $shipped/incidents.csv.gz \
                --map $shipped/servicenow.map.json "$@" >"$folder/result" 2>"$folder/said"
}
check 'recorded: the promises of 890 calls are compared' as_recorded
check 'recorded: the table' has 'kept                488            7       495'
check 'recorded: of both' has 'missed               68          327       395'
check 'recorded: the share is that of the report' has 'promises kept: 62.5 % here (556 of 890, as the report counts them), 55.6 % in the record'
check 'recorded: promises stand as they were made' has '    20  by another priority'
check 'recorded: the clock stands while a customer is asked' has '    54  missed in the record, kept here: the clock stood'
check 'recorded: the rest is one call' has '     1  kept in the record, missed here'
check 'recorded: it is named, so that one can look' has 'INC0001006  priority 3  took 172 d'
check 'recorded: the first calls as JSON' as_recorded --limit 50 --json
check 'recorded: every call has its place in the table' sh -c "tr ',{}' '\n' <'$folder/result' |
        awk -F: '/kept_both|_only|missed_both|not_compared/ { sum += \$2 } END { exit sum != 50 }'"

# Links die at random, one after the other, while the calls trickle in and are worked off.
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
echo "SEED=$seed"
log_new killed $source
links_start "$chain" "$log"
awk -v seed="$seed" -v links="$link_count" -v count=$kills_max \
        'BEGIN { srand(seed); while (count-- > 0) print 1 + int(rand() * links) }' >"$folder/victims"
: >"$folder/result"
replay "$log" $shipped/incidents.csv.gz --speed 40000 &
others=$!
kills=0
while [ ! -s "$folder/result" ] && read -r victim; do
        links_kill "$victim"
        kills=$((kills + 1))
done <"$folder/victims"
wait "$others"
status=$?
others=
echo "$kills kills"
check 'killed: links were killed throughout' test "$kills" -gt 20
check 'killed: the replay ends well' test $status -eq 0
check_result_of killed "$log"
links_end
check 'nothing is left running' test -z "$(alive_in "$folder")"
finish
