#!/bin/sh
# The demonstration on a real Kafka that it starts itself: to its end, interrupted, killed, and without a Java.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
for program in java kcat; do
        command -v $program >/dev/null || { echo "$program is not installed: no Kafka to test with"; exit 77; }
done
schakel=${SCHAKEL:-schakel}
$schakel version 2>/dev/null | grep -q librdkafka || { echo "built without librdkafka"; exit 77; }
chain=teams/shared-service-centre
chain_begin
demo_folder=$folder/demo
said=$folder/said

demo() { "$schakel" demo -C $chain --folder "$demo_folder" --no-scenes --kafka deploy/kafka/kafka "$@" >"$said" 2>&1; }
says() { grep -qE -- "$1" "$said" || { cat "$said"; return 1; }; }
brokers() { grep -al "kafka.Kafka.$demo_folder/" /proc/[0-9]*/cmdline 2>/dev/null; }
nothing_runs() { [ -z "$(alive_in "$demo_folder")" ] && [ -z "$(brokers)" ]; }
no_data() { ! grep -lx "$demo_folder/kafka" /dev/shm/schakel-kafka-data.*/owner 2>/dev/null; }

hows() { sed -n -E 's/^(auto|manual|delegate|exec|http|plugin)  +([0-9]+) .*/\1 \2/p' "$said"; }
all_are_there() { [ "$(hows | awk '$2 > 0' | wc -l)" -eq 6 ] || { cat "$said"; return 1; }; }
same() { [ "$1" = "$2" ] || { echo "$1 and $2"; return 1; }; }

"$schakel" demo -C $chain --folder "$folder/local" --no-scenes --limit 20 >"$said" 2>&1
on_local=$(hows)
check 'the demonstration ends well' demo --limit 20
check 'all six ways of doing an activity are in it' all_are_there
check 'and as often as on a local log' same "$on_local" "$(hows)"
check 'no webhook was done twice' sh -c '! grep -E "\"said\":\"(done|lost)\"" "$1" | sed "s/.*\"key\":\"\([^\"]*\)\".*/\1/" |
        sort | uniq -d | grep .' - "$demo_folder/tool.jsonl"
check 'no line is twice in the bench book' sh -c '! sed "s/\",.*//" "$1" | sort | uniq -d | grep .' - \
        "$demo_folder/demo-chain/workplace/bench-book.csv"
check 'it starts a broker for itself' says '^starting a Kafka broker for this demonstration alone'
check 'one team has two processes' says '^7 teams, each with a process of its own and service-centre with two, on one log: kafka:127.0.0.1:'
check 'the count is as on a local log' says \
        '^20 calls of a real service desk went through 7 teams in .*; 20 closed, 0 lost, 0 doubled, equal at both ends of 7 agreements'
check 'cuts were decided as recorded' says ', 0 of them otherwise than recorded'
check 'one process was killed and the other took over' says \
        '^One of the two processes of service-centre was killed \(kill -9\) in the middle, .* had its partitions after [0-9.]+ s'
check 'the log of the links says so too' grep -q 'service-centre/b | ended by signal 9' "$demo_folder/links.log"
for workflow in 1 2 3 4 5 6 7 8; do
        check "workflow $workflow occurs" says "^$workflow [a-z]"
done
for file in report.html chain.svg usm.svg way.svg; do
        check "$file is there to open" test -s "$demo_folder/$file"
done
check 'nothing is left running' nothing_runs
check 'nor any data' no_data

refute 'what was on a broker cannot be kept' demo --keep
check 'which is said' says 'what was on the broker of --kafka is gone with it'
refute 'a program that is not there starts no broker' "$schakel" demo -C $chain --folder "$demo_folder" --kafka "$folder/none"

# Everything but a Java.
mkdir "$folder/bin" && ln -s /usr/bin/* "$folder/bin/" && rm -f "$folder/bin/java"
without_java() { PATH=$(dirname "$(command -v "$schakel")"):$folder/bin demo; }
refute 'without a Java there is no broker' without_java
check 'and it is said which package brings one' says "java is missing: run 'make deps', or install the package openjdk-17-jre-headless"
check 'nothing is left running then' nothing_runs

# Ctrl-C while people work, and whatever ends it while links come up.
begun_demo() { # SIGNAL WORD: sends the signal when the word stands in what links and people say
        "$schakel" demo -C $chain --folder "$demo_folder" --kafka deploy/kafka/kafka >"$said" 2>&1 &
        others=$!
        middle=
        while [ -z "$middle" ] && kill -0 "$others" 2>/dev/null; do
                grep -qs "$2" "$demo_folder/links.log" && middle=yes
                sleep 0.1 # to look again
        done
        kill -"$1" "$others"
        wait "$others"
        status=$?
        others=
}
rm "$demo_folder/links.log"
begun_demo INT completed
check 'it was interrupted in the middle' test -n "$middle"
check 'an interrupted one says so' test $status -eq 1
check 'and that the broker is gone' says 'interrupted; the broker is gone, with all that was on it'
check 'nothing is left running after Ctrl-C' nothing_runs
check 'nor any data of it' no_data

rm "$demo_folder/links.log"
begun_demo KILL taken-over
wait_until nothing_runs
check 'nothing is left running when it is killed' nothing_runs
wait_until no_data
check 'nor any data of that one' no_data
finish
