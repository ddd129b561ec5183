# Sourced by tests that run the links of a chain as processes: starts them, kills them, leaves none behind.
#
#   chain_begin               a folder of its own ($folder), and the end of everything when the script ends
#   log_new NAME DIR          an empty log ($log) of the kind that SK_TEST_LOG says, and on it the chain of DIR ($chain); on
#                             Kafka its name is NAME, as topics have the chain's, which no other suite may use
#   kafka_begin               a Kafka at $brokers, its folder $kafka_folder: one that the suites of this run share, or of its own
#   links_start DIR LOG       one schakeld a team, each started again when it ends, as a supervisor would
#   links_kill NUMBER         kill -9 of one of them, by its number; waits until it is started again
#   links_end                 SIGTERM to all, and waits; what a sanitizer has found in them is a failed check
#   others                    pids of what else is to be ended when the script ends
#   wait_until COMMAND...     as long as it takes; the runner bounds it
#   alive_in FOLDER           pids of the processes that name FOLDER in their command line

chain_begin() {
        folder=$(mktemp -d)
        supervisors= link_count=0 others= brokers=
        trap 'links_end; kill $others 2>/dev/null; kafka_end; rm -rf "$folder"' EXIT
        trap 'exit 1' INT TERM
}

kafka_begin() {
        [ -z "$brokers" ] || return 0
        for program in java kcat; do
                command -v $program >/dev/null && continue
                echo "$program is not installed: no Kafka to test with"
                exit 77
        done
        "${SCHAKEL:-schakel}" version | grep -q librdkafka || { echo 'built without librdkafka'; exit 77; }
        if [ -n "${SK_TEST_KAFKA:-}" ] && [ -n "${SK_TEST_RUN:-}" ]; then
                kafka_folder=$(tests/support/shared_kafka.sh) || exit 1
        else
                kafka_folder=$folder/kafka
                deploy/kafka/kafka --dir "$kafka_folder" up --attached 2>"$folder/kafka.out" || { cat "$folder/kafka.out"; exit 1; }
        fi
        brokers=$(deploy/kafka/kafka --dir "$kafka_folder" address)
        XDG_STATE_HOME=$folder/state
        export XDG_STATE_HOME
        mkdir -p "$XDG_STATE_HOME/schakel"
}

kafka_end() {
        [ -d "$folder/kafka" ] && deploy/kafka/kafka --dir "$folder/kafka" down
}

log_new() { # NAME DIR
        chain=$folder/chains/$1
        mkdir -p "$folder/chains"
        cp -r "$2" "$chain"
        log=local:$folder/$1.db
        [ "${SK_TEST_LOG:-local}" = kafka ] || return 0
        kafka_begin
        XDG_STATE_HOME=$folder/state/$1
        mkdir -p "$XDG_STATE_HOME/schakel"
        log=kafka:$brokers
        sed -i "0,/\"name\": *\"[^\"]*\"/s//\"name\": \"$1\"/" "$chain/chain.json"
        "${SCHAKEL:-schakel}" apply -C "$chain" --log "$log" --yes >"$folder/applied" 2>&1 || { cat "$folder/applied"; exit 1; }
}

wait_until() {
        until "$@"; do
                sleep 0.02 # to look again, not to be in time
        done
}

supervise() { # FILE COMMAND...: runs it again until FILE.stop is there
        supervised=$1
        shift
        while [ ! -e "$supervised.stop" ]; do
                "$@" >>"$supervised.out" 2>&1 &
                echo $! >"$supervised.new" && mv "$supervised.new" "$supervised.pid"
                wait $!
        done
}

links_start() { # CHAIN LOG
        mkdir -p "$folder/links"
        for team_file in "$1"/*/team.json; do
                team=$(basename "$(dirname "$team_file")")
                link_count=$((link_count + 1))
                echo "$team" >"$folder/links/$link_count.team"
                supervise "$folder/links/$link_count" "${SCHAKELD:-schakeld}" -C "$1" --team "$team" --log "$2" 2>/dev/null &
                supervisors="$supervisors $!"
        done
        for number in $(seq $link_count); do
                wait_until test -s "$folder/links/$number.pid"
        done
        case $2 in local:*) wait_until log_is_there "$1" "$2" ;; esac
}

log_is_there() { # CHAIN LOG: the first link makes a local one
        "${SCHAKEL:-schakel}" calls -C "$1" --log "$2" --limit 1 >/dev/null 2>&1
}

link_is_other() { # NUMBER PID
        [ "$(cat "$folder/links/$1.pid")" != "$2" ]
}

links_kill() { # NUMBER
        pid=$(cat "$folder/links/$1.pid")
        kill -9 "$pid" 2>/dev/null
        wait_until link_is_other "$1" "$pid"
}

links_end() {
        for number in $(seq ${link_count:-0}); do
                : >"$folder/links/$number.stop"
                kill -TERM "$(cat "$folder/links/$number.pid")" 2>/dev/null
        done
        for supervisor in ${supervisors:-}; do
                wait "$supervisor"
        done
        if grep -h 'Sanitizer: \|runtime error: ' "$folder"/links/*.out 2>/dev/null; then
                cat "$folder"/links/*.out
                checks_failed=$((checks_failed + 1)) # whoever started it again would hide it
        fi
        supervisors= link_count=0
        rm -rf "$folder/links"
}

alive_in() { # FOLDER
        for line in /proc/[0-9]*/cmdline; do
                pid=${line#/proc/}
                pid=${pid%/cmdline}
                # A zombie has no command line; this shell and its own children do not count.
                if tr '\0' ' ' <"$line" 2>/dev/null | grep -qE "^[^ ]*schakeld? .*$1"; then
                        echo "$pid"
                fi
        done 2>/dev/null
}
