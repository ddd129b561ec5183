#!/bin/sh
# Webhooks in a chain that runs, against a server that the test starts: done, done later, declined, not now. Then under kill -9
# of their link: each key is seen with the same content, one that may be seen once at most once, and no call stays behind. On either log:
# SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
log_new webhooks tests/data/chains/how
SCHAKEL_CHAIN=$chain SCHAKEL_LOG=$log
export SCHAKEL_CHAIN SCHAKEL_LOG

run() { "$schakel" "$@" >"$folder/out" 2>"$folder/said"; }
says() { # WORDS COMMAND...: it exits with 0 and prints them
        words=$1
        shift
        run "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out" "$folder/said"; return 1; }
}
raise() { # NEED: prints the call's id
        "$schakel" call --as office --to shop --type service-request --facility print --need "$1" --json |
                sed -n 's/.*"call":"\([0-9a-f-]*\)".*/\1/p' | head -1
}
is_at() { "$schakel" show "$1" --as shop 2>/dev/null | grep -qF -- "$2"; } # CALL WORDS
is_closed() { "$schakel" show "$1" --as office 2>/dev/null | grep -qF -- "$2"; } # CALL OUTCOME

# ---- the server: a key is a file, what was seen with it its lines; the path says what is answered ----
seen=$folder/seen
mkdir "$seen"
perl -MIO::Socket::INET -e '
        my ($seen, $file) = @ARGV;
        my %answers = (done => ["200 OK"], later => ["202 Accepted"], no => ["409 Conflict"], busy => ["503 Busy", "200 OK"],
                       odd => ["503 Busy", "202 Accepted"]);
        $SIG{CHLD} = $SIG{PIPE} = "IGNORE";
        my $server = IO::Socket::INET->new(Listen => 64, LocalAddr => "127.0.0.1", LocalPort => 0) or die;
        open(my $out, ">", "$file.new"); print $out $server->sockport; close($out); rename("$file.new", $file);
        while (1) {
                my $client = $server->accept or next;
                next if fork;
                my ($path) = (<$client> // "") =~ m|^POST /(\w+)|;
                my ($key, $length, $line) = ("", 0);
                while (defined($line = <$client>) && $line !~ /^\r?$/) {
                        $key = $1 if $line =~ /^Idempotency-Key: *"?([0-9a-f\/-]+)/i;
                        $length = $1 if $line =~ /^Content-Length: *(\d+)/i;
                }
                read($client, my $body, $length) == $length or exit;
                exit if $key eq "" || !defined $path;
                $key =~ s|/|_|g;
                open(my $to, ">>", "$seen/$key"); syswrite($to, "$body\n"); close($to);
                $path = (qw(done busy later odd))[hex(substr($key, 35, 1)) % 4] if $path eq "mixed";
                my $count = () = do { open(my $from, "<", "$seen/$key"); <$from> };
                my $say = $answers{$path}[$count - 1] // $answers{$path}[-1];
                select(undef, undef, undef, 0.1); # so that a kill finds some of them under way
                my $retry = $say =~ /^503/ ? "Retry-After: 1\r\n" : "";
                print $client "HTTP/1.1 $say\r\n${retry}Content-Type: application/json\r\nContent-Length: 11\r\n",
                        "Connection: close\r\n\r\n{\"order\":7}";
                exit;
        }' "$seen" "$folder/port" &
others="$others $!"
wait_until test -s "$folder/port"
perform() { # PATH MEMBERS: what operate.perform of the shop is from now on
        how="{\"http\": {\"url\": \"http://127.0.0.1:$(cat "$folder/port")/$1\", \"timeout\": \"PT20S\", $2}}"
        sed "s|HOW|$how|" "$chain/perform.template" >"$chain/shop/routines/operate.json"
        links_end
        links_start "$chain" "$log"
        shop=$(grep -l '^shop$' "$folder"/links/*.team | sed 's|.*/\([0-9]*\).team|\1|')
}
times_seen() { cat "$seen/$1"_* 2>/dev/null | wc -l; } # CALL
is_seen() { [ "$(times_seen "$1")" -ge "${2:-1}" ]; }
end_later() { # KEY: what the tool says when it is ready
        "$schakel" result "$(echo "$1" | tr _ /)" --as ann@shop --set order:=8 --timeout 60s
}
again='"attempts": 20, "backoff": "PT1S", "backoff_max": "PT1S"'

# ---- each kind of answer ----
perform done "$again"
check 'the chain is good' "$schakel" check --quiet
call=$(raise 'ten copies')
wait_until is_closed "$call" completed
check '2xx: it is done, with what was answered' says '"order":7' show "$call" --as office --json
check 'and was asked for once' [ "$(times_seen "$call")" -eq 1 ]

perform no "$again"
call=$(raise 'a banknote')
wait_until is_at "$call" escalated
check '409: it is declined, which here the coordinator decides about' says 'http-409' task show "$call" --as boss@shop
check 'and not asked for again' [ "$(times_seen "$call")" -eq 1 ]

perform busy "$again"
call=$(raise 'a poster')
wait_until is_closed "$call" completed
check '503: it is asked for again, and done' is_closed "$call" completed
check 'with two tries in all' [ "$(times_seen "$call")" -eq 2 ]

perform later "$again"
call=$(raise 'a book')
wait_until is_seen "$call"
wait_until end_later "$(basename "$seen/$call"_*)" >/dev/null 2>&1
wait_until is_closed "$call" completed
check '202: it is done when the tool says so' says '"order":8' show "$call" --as office --json

# ---- under kill -9 ----
kill_while() { # COUNT: calls are raised while the shop's link is killed again and again
        for i in $(seq "$1"); do
                raise "copy $i" >>"$folder/raised"
                [ $((i % 3)) -eq 0 ] && links_kill "$shop"
        done
}
settled() { # each is closed, or the coordinator's; what was to come later comes
        all_settled=0
        for call in $(cat "$folder/raised"); do
                is_closed "$call" completed || is_at "$call" escalated || {
                        all_settled=1
                        for file in "$seen/$call"_*; do
                                [ -e "$file" ] && "$schakel" result "$(basename "$file" | tr _ /)" --as ann@shop --set order:=8 \
                                        --timeout 1s >/dev/null 2>&1
                        done
                }
        done
        return $all_settled
}
all_completed() {
        for call in $(cat "$folder/raised"); do
                is_closed "$call" completed || { "$schakel" show "$call" --as shop; return 1; }
        done
}
all_seen() {
        for call in $(cat "$folder/raised"); do
                is_seen "$call" || { echo "$call was not"; return 1; }
        done
}
same_each_time() {
        for file in "$seen"/*; do
                [ "$(sort -u "$file" | wc -l)" -eq 1 ] || { cat "$file"; return 1; }
        done
}
once_at_most() {
        for file in "$seen"/*; do
                [ "$(wc -l <"$file")" -le 1 ] || { cat "$file"; return 1; }
        done
}

rm -f "$seen"/*
perform mixed "$again"
: >"$folder/raised"
kill_while 12
wait_until settled
check 'no call stays behind' all_completed
check 'each key was seen' all_seen
check 'and always with the same content' same_each_time

rm -f "$seen"/*
perform mixed '"once": true'
: >"$folder/raised"
kill_while 12
wait_until settled
check 'what may be seen once was not seen twice' once_at_most
links_end
check 'nothing is left running' test -z "$(alive_in "$folder")"
finish
