#!/bin/sh
# `schakel tool`: webhooks are answered once for each key, what is said is on record, and who begins again goes on with that.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
command -v perl >/dev/null || { echo 'perl is not installed: nothing to ask with'; exit 77; }
folder=$(mktemp -d)
tool=
trap 'kill $tool 2>/dev/null; wait; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
mkdir "$folder/history"
rules=$folder/history/tool.json
record=$folder/record.jsonl
cat >"$rules" <<'END'
{"rules": [{"url": "/orders/", "answer": {"order": 7}, "busy": 2, "lost": 3}]}
END

begin() { # [OPTION...]
        rm -f "$folder/said"
        "$schakel" tool -C "$folder" "$@" >"$folder/said" 2>"$folder/errors" &
        tool=$!
        until [ -s "$folder/said" ]; do
                sleep 0.02 # to look again
        done
        port=$(sed -n '1s/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$folder/said")
}
end() {
        kill -INT $tool
        wait $tool
        status=$?
        tool=
}
ask() { # PATH KEY BODY: prints the status and the body, or "nothing"
        perl -MIO::Socket::INET -e '
                my ($port, $path, $key, $body) = @ARGV;
                my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die;
                my $head = $key eq "" ? "" : "Idempotency-Key: $key\r\n";
                print $s "POST $path HTTP/1.1\r\nHost: x\r\n${head}Content-Length: " . length($body) .
                        "\r\nConnection: close\r\n\r\n$body";
                my $said = do { local $/; <$s> } // "";
                print $said =~ m|^HTTP/1.1 (\d+).*?\r\n\r\n(.*)|s ? "$1 $2" : "nothing";' "$port" "$@"
}
answers() { # WANTED PATH KEY BODY
        wanted=$1
        shift
        got=$(ask "$@")
        [ "$got" = "$wanted" ] || { echo "$got"; return 1; }
}

begin --record "$record"
check 'it says where it is' test -n "$port"
check 'a webhook is done' answers '200 {"order":7}' /orders/1 k/1 '{"what":"chair"}'
check 'and the same again has the same answer' answers '200 {"order":7}' /orders/1 k/1 '{"what":"chair"}'
check 'each second key is told to come again' answers '503 {}' /orders/2 k/2 '{}'
check 'and is done then' answers '200 {"order":7}' /orders/2 k/2 '{}'
check 'the answer to each third is lost' answers 'nothing' /orders/3 k/3 'no JSON'
check 'a path that nobody knows is not there' answers '404 {}' /other k/4 '{}'
check 'what has no key is refused' answers '400 {}' /orders/5 '' '{}'
end
check 'Ctrl-C ends it in peace' test $status -eq 0
check 'each request is on record' test "$(wc -l <"$record")" -eq 7
check 'with its time' test "$(grep -cE '^\{"time":"[0-9]{4}-[0-9T:.-]{21}Z","said":' "$record")" -eq 7
check 'with what was asked' grep -q '"said":"done","key":"k/1","method":"POST","url":"/orders/1","body":{"what":"chair"}}' "$record"
check 'as it came, where it is no JSON' grep -q '"said":"lost".*"body":"no JSON"' "$record"

printf '{"said":"do' >>"$record" # killed while it wrote
begin --record "$record"
check 'what was done is known after a new beginning' answers '200 {"order":7}' /orders/3 k/3 'no JSON'
check 'and is not done again' sh -c 'tail -n 1 "$1" | grep -q "\"said\":\"again\""' - "$record"
check 'half a line is gone' sh -c '! grep -q "\"do$" "$1" && [ "$(wc -l <"$1")" -eq 8 ]' - "$record"
end

begin --json
check 'without a record each request is printed' answers '200 {"order":7}' /orders/1 k/1 '{}'
check 'as JSON, if wanted' sh -c 'tail -n 1 "$1" | grep -q "\"said\":\"done\""' - "$folder/said"
"$schakel" tool -C "$folder" --port "$port" >"$folder/second" 2>&1
check 'a port that is taken is said to be' grep -q 'name a port that is free' "$folder/second"
end

refuses() { # WHY [OPTION...]
        why=$1
        shift
        ! "$schakel" tool -C "$folder" "$@" >"$folder/errors" 2>&1 && grep -q "$why" "$folder/errors" || { cat "$folder/errors"; return 1; }
}
echo 'nonsense' >>"$record"
check 'a record that is none is refused' refuses 'is no request' --record "$record"
echo '{"rules": [{"url": 7}]}' >"$rules"
check 'so are rules that are none' refuses 'a rule is an object with a "url"'
finish
