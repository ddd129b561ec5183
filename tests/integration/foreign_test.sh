#!/bin/sh
# Clients that are not ours on both ends of a chain on a real Kafka: kcat raises a call as schemas/README.md says, a
# program with Kafka's Java client raises another in structured mode and reads feedback and events.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
for program in java javac kcat; do
        command -v $program >/dev/null && continue
        echo "$program is not installed: no foreign clients to test with"
        exit 77
done
chain=tests/data/chains/pair
chain_begin
kafka_begin
jars="${SCHAKEL_KAFKA_LIBS:-build/kafka}/jars/*"

# The commands of schemas/README.md are run as they stand there, but for names.
commands() { sed -n '/^<!-- with kcat -->$/,/^<!-- end -->$/p' schemas/README.md | sed '/^<!--/d; /^```/d'; }
with_kcat() {
        commands | sed 's/ssc\.finance/pair.customer/g; s,/ssc/finance,/pair/customer,; s/"desk"/"provider"/; s/"laptop"/"facility"/' \
                >"$folder/kcat.sh"
        BROKERS=$brokers bash "$folder/kcat.sh" >"$folder/kcat.out" 2>&1 || { cat "$folder/kcat.out"; return 1; }
        raised=$(sed -n 's/^call //p' "$folder/kcat.out")
        [ ${#raised} -eq 36 ] || { cat "$folder/kcat.sh" "$folder/kcat.out"; return 1; }
}
java_client() { # OUTPUT ARGUMENT...
        output=$1
        shift
        java -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$jars:$folder" Foreign "$@" \
                >"$output" 2>"$output.err" || { cat "$output" "$output.err"; return 1; }
}
send_with_java() { java_client "$folder/sent" send "$brokers" pair customer provider facility; }

"$schakel" apply -C $chain --log "kafka:$brokers" --yes >"$folder/applied" 2>&1
links_start $chain "kafka:$brokers"
check 'the Java program compiles' javac -cp "$jars" -d "$folder" tests/support/foreign/Foreign.java
with_kcat
check 'a call is raised with kcat as the documentation says' test ${#raised} -eq 36
check 'another is raised from Java in structured mode' send_with_java
check 'Java reads feedback and events of both to their ends' \
        java_client "$folder/read" read "$brokers" pair customer provider "$raised" "$(cat "$folder/sent")"
check 'each was closed once' test "$(grep -c 'feedback.closed closed' "$folder/read")" -eq 2
check 'there are no dead letters' sh -c '"$1" deadletter list -C "$2" --log "$3" | grep -qxF "no dead letters"' - \
        "$schakel" $chain "kafka:$brokers"
check 'both sides count the same' "$schakel" report -C $chain --log "kafka:$brokers"
links_end
finish
