#!/bin/sh
# A chain with open calls moves from a local log onto a real Kafka with four partitions and back onto a local log; its
# links go on each time where they stopped. What may not be moved is refused.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
for program in java kcat; do
        command -v $program >/dev/null && continue
        echo "$program is not installed: no Kafka to test with"
        exit 77
done
chain=tests/data/chains/people
chain_begin
first=local:$folder/first.db last=local:$folder/last.db
SCHAKEL_CHAIN=$chain SCHAKEL_KAFKA_PROPERTIES=$folder/properties
export SCHAKEL_CHAIN SCHAKEL_KAFKA_PROPERTIES
echo session.timeout.ms=6000 >"$SCHAKEL_KAFKA_PROPERTIES"

run() { "$schakel" "$@" >"$folder/out" 2>&1; }
says() { # WORDS COMMAND...: it succeeds and prints them
        words=$1
        shift
        run "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out"; return 1; }
}
refuses() { # WORDS COMMAND...: it fails and prints them
        words=$1
        shift
        ! run "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out"; return 1; }
}
are_ready() {
        for number in $(seq $link_count); do
                grep -q ready "$folder/links/$number.out" 2>/dev/null || return 1
        done
}
raise() { # NUMBER LOG [OPTION...]
        count=$1 on=$2
        shift 2
        for number in $(seq "$count"); do
                run call --log "$on" --as shop --type incident --facility till --need "call $number" "$@" ||
                        { cat "$folder/out"; return 1; }
        done
}
closed() { # LOG: how many calls of the shop have ended
        "$schakel" journal --log "$1" --team shop --kind stub --json 2>/dev/null | wc -l
}
is_closed() { [ "$(closed "$2")" -eq "$1" ]; } # NUMBER LOG
work_off() { # NUMBER LOG
        "$schakel" people --log "$2" >"$folder/people.out" 2>&1 &
        others="$others $!"
        worker=$!
        wait_until is_closed "$1" "$2"
        kill "$worker"
        wait "$worker"
}
tasks() { "$schakel" task list --log "$1" --team desk --json 2>/dev/null | grep -c visit; }
has_tasks() { [ "$(tasks "$2")" -ge "$1" ]; }

# ---- a local log with open calls ----

links_start $chain "$first"
wait_until are_ready
check 'six calls are raised' raise 6 "$first"
wait_until has_tasks 6 "$first"
check 'a chain whose links run is not exported' refuses 'runs (process' export "$folder/early" --log "$first"
refute 'and leaves no file' test -e "$folder/early"
links_end
check 'two more are raised while no link runs' raise 2 "$first" --timeout 0s
check 'it is exported with all that is open' says '; 2 not read yet' export "$folder/first.export" --log "$first"
check 'a file that is there is not written over' refuses 'is there already' export "$folder/first.export" --log "$first"

# ---- onto Kafka ----

kafka_begin
kafka=kafka:$brokers

cut_file() { head -c "$1" "$folder/first.export" >"$folder/cut.export"; }
spoil_file() { # one byte in the middle is another
        size=$(wc -c <"$folder/first.export")
        { cut_file $((size / 2)) && cat "$folder/cut.export" && printf '\377' && tail -c +$((size / 2 + 2)) "$folder/first.export"; } \
                >"$folder/spoilt.export"
}
spoil_file
cut_file 3000
check 'topics have to be there' refuses 'the log has no topic' import "$folder/first.export" --log "$kafka"
run apply --log "$kafka" --yes # this broker knows no rights, so that they are lacking afterwards too
check 'a damaged file is refused' refuses 'is damaged at byte' import "$folder/spoilt.export" --log "$kafka"
check 'so is one that ends too early' refuses 'is damaged at byte 2' import "$folder/cut.export" --log "$kafka"
check 'nothing of them was written' says 'no records' journal --log "$kafka"
check 'it is imported and agrees' says 'counts and digests agree' import "$folder/first.export" --log "$kafka"
check 'the same again changes nothing' says 'nothing was changed' import "$folder/first.export" --log "$kafka"
run export "$folder/again.export" --log "$kafka" --json
digests() { grep -o '"topic":"[^"]*","records":[1-9][^}]*' "$1" | sort; }
digests "$folder/out" >"$folder/kafka.digests"
"$schakel" export "$folder/once-more.export" --log "$first" --json >"$folder/out"
digests "$folder/out" >"$folder/first.digests"
check 'what is exported from there has the same digests' cmp "$folder/first.digests" "$folder/kafka.digests"

links_start $chain "$kafka"
wait_until are_ready
work_off 8 "$kafka"
check 'all eight calls end there, once on both sides' says '' report --log "$kafka"
check 'three more are raised' raise 3 "$kafka"
wait_until has_tasks 3 "$kafka"

# A letter that a person has done with; what says so names it by its place.
bad() { printf 'nonsense' | kcat -P -b "$brokers" -t people.desk.work -p "$1" -k "$2" -X partitioner=murmur2_random 2>&1; }
has_letters() { [ "$("$schakel" deadletter list --all --json --log "$kafka" 2>/dev/null | wc -l)" -eq "$1" ]; }
check 'nonsense is written' bad 0 first
check 'and again' bad 1 second
wait_until has_letters 2
letter=$("$schakel" deadletter list --log "$kafka" 2>/dev/null | awk '/first/ { print $1 }')
letter=${letter:-$("$schakel" deadletter list --json --log "$kafka" | sed -n '1s/.*"letter":"\([^"]*\)".*/\1/p')}
check 'one of two dead letters is dropped' run deadletter drop --log "$kafka" --why nonsense "$letter"
links_end

# ---- and back ----

check 'links that may still be there keep it from being exported' refuses 'has 1 member' export "$folder/back.export" --log "$kafka"
wait_until run export "$folder/back.export" --log "$kafka"
check 'then it is exported' grep -qF '; 0 not read yet' "$folder/out"
check 'a log that holds something is refused' refuses 'is not empty' import "$folder/back.export" --log "$first"
check 'it is imported into a new one' says 'counts and digests agree' import "$folder/back.export" --log "$last"
letters() { [ "$("$schakel" deadletter list --json --log "$last" "$@" | wc -l)" -eq "$wanted" ]; }
wanted=2
check 'both letters are there' letters --all
wanted=1
check 'and one of them is dropped' letters
links_start $chain "$last"
work_off 11 "$last"
check 'all eleven calls have ended, once on both sides' says '' report --log "$last"
links_end
check 'it is what it was for whoever imports it again' refuses 'is not empty' import "$folder/back.export" --log "$last"
finish
