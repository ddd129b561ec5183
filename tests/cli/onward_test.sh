#!/bin/sh
# What only goes onward: the call goes on without it and closes with it; where it comes to nothing, the coordinator reads why.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
chain_begin
chain=$folder/chain
cp -r tests/data/chains/people "$chain"
cat >"$chain/desk/routines/operate.json" <<'END'
{
  "process": "operate",
  "activities": {
    "operate.accept": { "how": "auto" },
    "operate.classify": { "how": "auto" },
    "operate.plan": { "how": "auto" },
    "operate.perform": {
      "how": [
        { "delegate": { "to": [{ "team": "bench", "type": "service-request", "facility": "till" }], "wait": false } },
        { "manual": { "instruction": "Hand over what is there." }, "responsible": "clerk" }
      ]
    },
    "operate.review": { "how": "auto" },
    "operate.close": { "how": "auto" }
  }
}
END
cat >"$chain/desk/routines/wholly.json" <<'END'
{
  "workflow": 5,
  "select": { "priority": 5 },
  "activities": {
    "operate.perform": {
      "how": { "delegate": { "to": [{ "team": "bench", "type": "service-request", "facility": "till" }], "wait": false } }
    }
  }
}
END
export SCHAKEL_CHAIN=$chain SCHAKEL_LOG="local:$folder/log.db" TZ=UTC
said=$folder/said

raise() { "$schakel" call --as shop --type service-request --facility till --need "$1" --json | sed -n 's/.*"call":"\([^"]*\)".*/\1/p'; }
says() { # WORDS COMMAND...: it exits with 0 and prints them
        words=$1
        shift
        "$schakel" "$@" >"$said" 2>&1 && grep -qF -- "$words" "$said" || { cat "$said"; return 1; }
}
stands_at() { "$schakel" show "$1" --json 2>/dev/null | grep -qF "\"at\":\"$2\""; }
is_over() { "$schakel" show "$1" --team "$2" --json 2>/dev/null | grep -q '"standing":"closed"'; }
is_escalated() { "$schakel" show "$1" --json | grep -q '"escalated":true'; }
asked() { # CALL: the id of the last call that the desk has raised for it
        "$schakel" show "$1" --json | grep -o '"asks":\[.*' | grep -o '{"id":"[^"]*"' | tail -n 1 | cut -d'"' -f4
}
short() { printf %s "$1" | tail -c 8; }
wait_at_bench() { bench=$(asked "$1") && [ -n "$bench" ] && stands_at "$bench" operate.accept; }
hand_over() { "$schakel" task complete "$1" --claim --as dana >"$said" 2>&1; }

check 'the chain is good' "$schakel" check --quiet
check 'the routine says what goes onward' says 'bench (onward)' template show --team desk --process operate
check 'and so does its page' says 'bench (onward)' template export -t desk wholly --format markdown
links_start "$chain" "$SCHAKEL_LOG"

# It is done in the end.
call=$(raise 'two tills')
wait_until wait_at_bench "$call"
check 'the next thing is somebody'\''s already' stands_at "$call" operate.perform
check 'what is onward is shown beside it' says 'clerk, onward at bench' show "$call"
check 'and that it is not waited for' says 'bench: service-request of till, raised, onward' show "$call"
check 'the story tells it' says 'only onward' trace "$call"
check 'the task is done meanwhile' hand_over "$call"
check 'then the call waits for the rest' grep -q 'it waits for bench' "$said"
wait_until stands_at "$call" operate.close
check 'at its close' says 'operate.close, waits for bench' show "$call"
check 'the story tells for what' says 'waits for what went onward' trace "$call"
refute 'it is not closed before' is_over "$call" shop
"$schakel" task complete "$bench" --claim --as ben >"$said"
wait_until is_over "$call" shop
check 'it closes with it' says completed show "$call" --team shop

# It is declined.
call=$(raise 'three tills')
wait_until wait_at_bench "$call"
"$schakel" task claim "$bench" --as ben >"$said"
"$schakel" task decline "$bench" --as ben --reason 'no room' >"$said"
wait_until is_over "$bench" bench
check 'the call goes on all the same' stands_at "$call" operate.perform
check 'the task is done' hand_over "$call"
wait_until is_escalated "$call"
check 'the coordinator reads what became of it' says 'bench (service-request, till): declined' task show "$call" --as dana
refute 'nothing is closed before he has decided' is_over "$call" shop
check 'he has it asked again' "$schakel" retry "$call" --as dana
wait_until wait_at_bench "$call"
check 'now the call waits for it' says 'operate.close, waits for bench' show "$call"
"$schakel" task complete "$bench" --claim --as ben >"$said"
wait_until is_over "$call" shop
check 'and closes with it as well' says completed show "$call" --team shop

# What cannot be.
sed -i 's/"operate.close": .*/"operate.close": { "how": { "delegate": { "to": [{ "team": "bench", "type": "service-request" }], "wait": false } } }/' \
        "$chain/desk/routines/operate.json"
check 'nothing goes onward from the close' sh -c "! '$schakel' check >'$said' 2>&1 && grep -q onward-at-close '$said'"
check 'which is said with its line' grep -q 'operate.json:14:' "$said"
finish
