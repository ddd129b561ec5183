#!/bin/sh
# `schakel report` on real calls: what it counts agrees with the archives, with itself by workflow, process and line, and
# with what the customers wrote and were told. On either log: SK_TEST_LOG=kafka.
set -u
. tests/support/checks.sh
. tests/support/chain.sh
schakel=${SCHAKEL:-schakel}
history=teams/shared-service-centre/history
chain_begin
log_new reported tests/data/chains/automatic

report() { "$schakel" report -C "$chain" --log "$log" "$@" >"$folder/out" 2>"$folder/said"; }
says() { # WORDS [OPTION...]: it exits with 0 and prints them
        words=$1
        shift
        report "$@" && grep -qF -- "$words" "$folder/out" || { cat "$folder/out" "$folder/said"; return 1; }
}
column() { # NAME [OPTION...]: the sum of a column of the CSV; labels with a comma are taken out of the way
        name=$1
        shift
        case " $* " in *' --by '*) ;; *) set -- --by workflow "$@" ;; esac
        report --csv "$@" || return 1
        tr -d '\r' <"$folder/out" | sed 's/"[^"]*"/x/g' | awk -F, -v name="$name" '
                NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
                { sum += $column } END { printf "%.6f\n", sum }'
}
same() { [ "$1" = "$2" ] || { echo "$1 and $2"; return 1; }; }

links_start $chain "$log"
"$schakel" replay -C "$chain" --log "$log" --history $history/incidents.csv.gz --map $history/servicenow.map.json \
        --limit 300 --timeout 60s --json >"$folder/replayed" 2>"$folder/said"
check 'the calls were replayed' grep -qF '"closed":300,"open":0' "$folder/replayed"

check 'both ends have the same figures' says 'same figures at both ends (digest '
check 'also for one team' says 'same figures at both ends (digest ' --team service-centre
check 'and for one customer' says 'same figures at both ends (digest ' --team service-centre --customer finance
check 'JSON says so for every agreement' says '"ends":{"equal":true,' --json
check 'all six are in it' same "$(grep -o '"at_customer":' "$folder/out" | wc -l)" 6
check 'the digest of one end is that of the other' sh -c '
        sed "s/.*\"provider_digest\":\"\([0-9a-f]*\)\",\"customer_digest\":\"\1\".*/same/" "$1" | grep -qx same' - "$folder/out"

archived=$("$schakel" calls -C "$chain" --log "$log" --team service-centre --closed --limit 1000000 --json | wc -l)
check 'it counts as many calls as the archive holds' same "$(column calls --team service-centre)" "$archived.000000"
for workflow in 3 4; do
        wanted=$("$schakel" calls -C "$chain" --log "$log" --team service-centre --closed --limit 1000000 --json |
                grep -c "\"workflow\":$workflow,")
        check "and of workflow $workflow" says "\"number\":$workflow,\"calls\":$wanted," --team service-centre --by workflow --json
done
total=$(column time_s --team service-centre)
check 'time passed' test "$total" != 0.000000
check 'as much of it by process' same "$(column time_s --team service-centre --by process)" "$total"
check 'as much of it by work instruction' same "$(column time_s --team service-centre --by instruction)" "$total"
check 'as much of it by line' same "$(column time_s --team service-centre --by line)" "$total"
check 'the reasons add up to it' same "$total" "$(for reason in nobody person provider customer link unknown; do
        column "waits_for_${reason}_s" --team service-centre; done | awk '{ sum += $1 } END { printf "%.6f\n", sum }')"
check 'customers add up to all' same "$(column calls --team service-centre)" "$(for customer in finance operations \
        human-resources; do column calls --team service-centre --customer $customer; done |
        awk '{ sum += $1 } END { printf "%.6f\n", sum }')"
check 'contradictions of the infrastructure are counted' says '"contradictions":{"changes_without_component":' --json
infrastructure() { # WORDS ARGUMENT...
        words=$1
        shift
        "$schakel" infrastructure "$@" -C $chain --log "$log" >"$folder/out" 2>&1
        grep -qF -- "$words" "$folder/out" || { cat "$folder/out"; return 1; }
}
check 'its history has as many changes without a component as the report' same \
        "$("$schakel" infrastructure history -C $chain --log "$log" | grep -c 'change without a component')" \
        "$(report --json && grep -o '"changes_without_component":[0-9]*' "$folder/out" | cut -d: -f2)"
check 'JSON says the same' infrastructure '"what":"change without a component","team":"workplace"' history --json
check 'the list says that they are worth a question' infrastructure 'changes named no component: were they changes?' list
check 'there is a second line' says '2nd line' --by line
check 'the second line of one customer is shorter' test "$(column calls --by line --customer finance)" != \
        "$(column calls --by line)"
check 'each line of the CSV ends as it should' sh -c '! grep -qv "$(printf "\r")$" "$1"' - "$folder/out"

check 'before the first call there was none' says 'no calls' --to 2000-01-01
check 'nor after the last' says 'no calls' --from 2999-01-01
check 'nor in another month' says 'no calls' --month 2001-02
check 'both ends agree about that' says '"ends":{"equal":true,' --month 2001-02 --json
fits() { COLUMNS=76 report "$@" && sed 's/…/./g' "$folder/out" | awk 'length($0) > 76 { print; bad = 1 } END { exit bad }'; }
check 'a narrow terminal is enough' fits --team service-centre

check 'the own report of a team is by what it is organised by' says '"by":"process"' --team service-centre --json
check 'that for a customer is by workflow' says '"by":"workflow"' --team service-centre --customer finance --json

# Looking closer: workflow, work instruction, call.
check 'a workflow has its work instructions' says 'network-work' --team service-centre --workflow 4 --by instruction
one=$(column calls --team service-centre --workflow 4 --instruction network-work)
check 'a work instruction has its calls' same "$(report --team service-centre --workflow 4 --instruction network-work \
        --by call --json; grep -o '"customer":"[a-z-]*","provider":"service-centre"' "$folder/out" | wc -l).000000" "$one"
check 'and they stand in the CSV' same "$(report --team service-centre --workflow 4 --instruction network-work --by call \
        --csv; sed 1d "$folder/out" | wc -l).000000" "$one"
check 'a work instruction that nobody knows has none' says 'no calls' --instruction nothing
check 'the response was promised and kept' says '"response_promised":' --team service-centre --customer finance --json
check 'no response is counted that was not promised' sh -c '! grep -q "\"response_promised\":0" "$1"' - "$folder/out"

# The page: whole, well-formed, without script, in three languages.
for language in en nl es; do
        check "there is a page in $language" report --team service-centre --customer finance --html --lang $language \
                --output "$folder/$language.html"
        refute "it has no script in $language" grep -qi '<script\|onload\|http-equiv' "$folder/$language.html"
        check "nothing is fetched from elsewhere in $language" sh -c \
                '! grep -o "\(href\|src\)=" "$1"' - "$folder/$language.html"
        if command -v xmllint >/dev/null; then
                check "it is well-formed in $language" xmllint --noout "$folder/$language.html"
        fi
done
check 'it is Dutch' grep -q '<h1>Servicerapport</h1>' "$folder/nl.html"
check 'it is Spanish' grep -q '<h1>Informe de servicio</h1>' "$folder/es.html"
check 'it has a section for a workflow' grep -q '<h2>4 incident</h2>' "$folder/en.html"
check 'and a work instruction to open' grep -q '<summary>network-work: ' "$folder/en.html"
check 'the text can be Dutch too' says 'dezelfde cijfers aan beide kanten' --lang nl
check 'and Spanish' says 'las mismas cifras en ambos lados' --lang es

# The provider is away: what the customer has written is not yet there.
links_end
log_new apart tests/data/chains/automatic
"${SCHAKELD:-schakeld}" -C "$chain" --team finance --log "$log" >"$folder/finance.out" 2>&1 &
others=$!
wait_until grep -q ready "$folder/finance.out"
check 'a call is raised' "$schakel" call -C "$chain" --log "$log" --as finance --person eva --to service-centre \
        --type incident --facility laptop --need 'black screen' --timeout 60s
report
check 'ends that differ are exit status 1' same $? 1
check 'and it is told which' grep -qF 'finance > service-centre: 0 closed and 0 open at the provider' "$folder/out"
kill -TERM "$others"
wait "$others"
others=

usage() { "$schakel" report -C "$chain" --log "$log" "$@" >/dev/null 2>"$folder/said"; same $? 2; }
check 'a month that is none is asked wrongly' usage --month 2026-13
check 'a month with a beginning is asked wrongly' usage --month 2026-10 --from 2026-10-02
check 'a time that ends before it begins is asked wrongly' usage --from 2026-02-01 --to 2026-01-01
check 'two formats are asked wrongly' usage --csv --json
check 'so are two others' usage --csv --html
check 'a file for a text is asked wrongly' usage --output "$folder/x"
check 'a team that is not there is asked wrongly' usage --team service-center
check 'and the one that was meant is named' grep -qF 'did you mean "service-centre"?' "$folder/said"
"$schakel" report -C "$chain" --log "local:$folder/none.db" >/dev/null 2>"$folder/said"
check 'a log that is not there is exit status 1' same $? 1
finish
