#!/bin/sh
# An activity that is done by a person, then by a program, then by a supplier, on a chain that runs: each call keeps the how
# that its visit began with, the next takes the new one. Then programs under kill -9 of their link: each key is seen with the
# same content, one that may be seen once at most once, and no call stays behind. On either log: SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
log_new how tests/data/chains/how
SCHAKEL_CHAIN=$chain SCHAKEL_LOG=$log
export SCHAKEL_CHAIN SCHAKEL_LOG

run() { "$schakel" "$@" >"$folder/out" 2>"$folder/said"; }
says() { # WORDS COMMAND...: it exits with 0 and prints them
        words=$1
        shift
        run "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out" "$folder/said"; return 1; }
}
perform() { # HOW: what operate.perform of the shop is from now on
        sed "s|HOW|$1|" "$chain/perform.template" >"$folder/new" && cp "$folder/new" "$chain/shop/routines/operate.json"
}
raise() { # NEED: prints the call's id
        "$schakel" call --as office --to shop --type service-request --facility print --need "$1" --json |
                sed -n 's/.*"call":"\([0-9a-f-]*\)".*/\1/p' | head -1
}
stands() { "$schakel" show "$1" --as shop 2>/dev/null; }
is_at() { stands "$1" | grep -qF -- "$2"; } # CALL WORDS
is_closed() { # CALL OUTCOME
        "$schakel" show "$1" --as office 2>/dev/null | grep -qE "closed .*$2|$2 .*closed|$2"
}
editions_are() { [ "$(cat "$folder"/links/*.out | grep -c edition-taken)" -ge "$1" ]; }
new_edition() { # all links take it, and say so
        wanted=$(($(cat "$folder"/links/*.out | grep -c edition-taken) + link_count))
        for pid in "$folder"/links/*.pid; do
                kill -HUP "$(cat "$pid")"
        done
        wait_until editions_are "$wanted"
}

# ---- by hand ----
perform '"manual"'
check 'the chain is good' "$schakel" check --quiet
links_start "$chain" "$log"
first=$(raise 'ten copies')
wait_until is_at "$first" operate.perform
check 'a person has it to do' is_at "$first" 'operator'

# ---- by a program ----
perform '{"exec": {"command": ["programs/print"]}}'
check 'the chain is good with a program in it' "$schakel" check --quiet
new_edition
second=$(raise 'twenty copies')
wait_until is_closed "$second" completed
check 'the program has done the next one' is_closed "$second" completed
check 'with what it was given, and what it answered' says '"pages":"twenty copies"' show "$second" --as office --json
check 'the first is still the person'\''s' is_at "$first" 'operator'
check 'until the coordinator has it entered again' says 'entered again' reissue "$first" --as boss@shop \
        --reason 'the machine does it now' --timeout 60s
wait_until is_closed "$first" completed
check 'then the program does it as well' is_closed "$first" completed

# ---- by a supplier ----
perform '{"delegate": {"to": [{"team": "printers", "type": "service-request"}]}}'
check 'the chain is good with a supplier in it' "$schakel" check --quiet
new_edition
third=$(raise 'a book')
wait_until is_closed "$third" completed
check 'the supplier has done it' is_closed "$third" completed
check 'and the chain shows it' says 'printers' trace "$third"

# ---- what goes wrong ----
perform '{"exec": {"command": ["programs/jam"], "attempts": 2, "backoff": "PT1S"}}'
new_edition
jammed=$(raise 'a poster')
wait_until is_at "$jammed" escalated
check 'what does not succeed is the coordinator'\''s, with all that happened' \
        says 'exit-75: paper jam' task show "$jammed" --as boss@shop
check 'each try of it' grep -qE '^ +2 .*exit-75' "$folder/out"
: >"$chain/shop/programs/mended"
check 'who has it tried again' says 'tried again' retry "$jammed" --as boss@shop --timeout 60s
wait_until is_closed "$jammed" completed
check 'and it succeeds' is_closed "$jammed" completed

# ---- under kill -9 ----
seen=$folder/seen
mkdir "$seen"
perl -MIO::Socket::INET -e '
        my ($seen, $file) = @ARGV;
        my $server = IO::Socket::INET->new(Listen => 64, LocalAddr => "127.0.0.1", LocalPort => 0) or die;
        open(my $out, ">", "$file.new"); print $out $server->sockport; close($out); rename("$file.new", $file);
        while (my $client = $server->accept) {
                my $said = do { local $/; <$client> };
                my ($key, $input) = split(/\n/, $said, 2);
                $key =~ s|/|_|g;
                next if $key !~ /^[0-9a-f_-]+$/;
                open(my $to, ">>", "$seen/$key"); print $to $input; close($to);
                print $client "seen\n";
        }' "$seen" "$folder/port" &
others="$others $!"
wait_until test -s "$folder/port"
SEEN_PORT=$(cat "$folder/port")
export SEEN_PORT
kill_while() { # COUNT: calls are raised while the shop's link is killed again and again
        for i in $(seq "$1"); do
                raise "copy $i" >>"$folder/raised"
                [ $((i % 3)) -eq 0 ] && links_kill "$shop"
        done
}
shop=$(grep -l '^shop$' "$folder"/links/*.team | sed 's|.*/\([0-9]*\).team|\1|')
all_closed() { [ "$("$schakel" calls --team "$1" --json --limit 1000 2>/dev/null | wc -l)" -eq 0 ]; }
same_each_time() { # of each key, what was seen is the same
        for file in "$seen"/*; do
                [ "$(sort -u "$file" | wc -l)" -eq 1 ] || { cat "$file"; return 1; }
        done
}

perform '{"exec": {"command": ["programs/tell"], "timeout": "PT20S", "attempts": 20, "backoff": "PT1S", "backoff_max": "PT1S"}}'
links_end
links_start "$chain" "$log"
: >"$folder/raised"
kill_while 12
wait_until all_closed office
check 'no call stays behind' all_closed office
for call in $(cat "$folder/raised"); do
        check "the key of $call was seen" test -n "$(ls "$seen" | grep "^$call")"
done
check 'and always with the same content' same_each_time

rm -f "$seen"/*
perform '{"exec": {"command": ["programs/tell"], "timeout": "PT20S", "once": true}}'
links_end
links_start "$chain" "$log"
: >"$folder/raised"
kill_while 12
once_at_most() {
        for file in "$seen"/*; do
                [ "$(wc -l <"$file")" -le 1 ] || { cat "$file"; return 1; }
        done
}
settled() { # each is closed, or the coordinator's
        for call in $(cat "$folder/raised"); do
                is_closed "$call" completed || is_at "$call" escalated || return 1
        done
}
wait_until settled
check 'what may be seen once was not seen twice' once_at_most
check 'and is done, or a person'\''s to look after' settled
links_end
check 'nothing is left running' test -z "$(alive_in "$folder")"
finish
