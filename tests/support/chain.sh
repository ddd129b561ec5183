# Sourced by tests that run the links of a chain as processes: starts them, kills them, leaves none behind.
#
#   chain_begin               a folder of its own ($folder), and the end of everything when the script ends
#   links_start DIR LOG       one schakeld a team, each started again when it ends, as a supervisor would
#   links_kill NUMBER         kill -9 of one of them, by its number; waits until it is started again
#   links_end                 SIGTERM to all, and waits
#   others                    pids of what else is to be ended when the script ends
#   wait_until COMMAND...     as long as it takes; the runner bounds it
#   alive_in FOLDER           pids of the processes that name FOLDER in their command line

chain_begin() {
        folder=$(mktemp -d)
        supervisors= link_count=0 others=
        trap 'links_end; kill $others 2>/dev/null; rm -rf "$folder"' EXIT
        trap 'exit 1' INT TERM
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
