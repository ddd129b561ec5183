#!/bin/sh
# The chains that are shipped, the guide beside them and the derived history: what they say is so.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
history=teams/shared-service-centre/history
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

clean() { # CHAIN: not even a warning
        "$schakel" check -C "$1" > "$folder/said" 2>&1 && grep -q '; 0 errors, 0 warnings' "$folder/said" ||
                { cat "$folder/said"; return 1; }
}
check 'a shared service centre is without fault' clean teams/shared-service-centre
check 'integrated facilities are without fault' clean teams/integrated-facilities
check 'a supplier network is without fault' clean teams/supplier-network
check 'the practices are without fault' clean teams/practices
check 'the automatic chain is without fault' clean tests/data/chains/automatic
check 'the pair is without fault' clean tests/data/chains/pair
for chain in automatic pair; do
        check "nobody has a task in the chain $chain" sh -c "! grep -rq '\"manual\"' tests/data/chains/$chain"
done

# The guide's JSON blocks, in order, are the files of its tour.
example() { # NUMBER FILE
        mkdir -p "$folder/my-chain/$(dirname "$2")"
        awk -v wanted="$1" '/^```json$/ { n++; inside = n == wanted; next } /^```$/ { inside = 0 } inside' \
                teams/README.md > "$folder/my-chain/$2"
        [ -s "$folder/my-chain/$2" ]
}
check 'the guide has a chain' example 1 chain.json
check 'the guide has a customer' example 2 sales/team.json
check 'the guide has a provider' example 3 workshop/team.json
check 'the guide has an agreement' example 4 agreements/sales-workshop.json
"$schakel" check -C "$folder/my-chain" > "$folder/said" 2>&1
check 'three files are enough' grep -q '; 0 errors, 1 warning' "$folder/said"
check 'the guide has a routine' example 5 workshop/routines/recover.json
check 'the guide has a work instruction' example 6 workshop/routines/flat-tyre.json
check 'the tour of the guide ends without fault' clean "$folder/my-chain"

derived() { # FILE...: rows made from it equal the rows that are shipped
        sh "$history/derive.sh" "$1" > "$folder/derived.csv.gz" && gzip -dc "$folder/derived.csv.gz" > "$folder/derived.csv"
}
gzip -dc "$history/incidents.csv.gz" > "$folder/incidents.csv"
check 'the history has 5,998 events' test "$(wc -l < "$folder/incidents.csv")" -eq 5999
check 'the history has 890 incidents' test "$(sed 1d "$folder/incidents.csv" | cut -d, -f1 | sort -u | wc -l)" -eq 890
check 'a history can be derived' derived "$history/incidents.csv.gz"
check 'what is derived twice is the same' cmp -s "$folder/incidents.csv" "$folder/derived.csv"

header=$(head -n 1 "$folder/incidents.csv")
printf '\357\273\277surplus,%s\r\nx,1,"a, b","say ""so""","two\r\nlines",5,6,7,8,9,10,11,12,13,14,15,16,17\r\n' "$header" > "$folder/quoted.csv"
printf '%s\n1,"a, b","say ""so""","two\nlines",5,6,7,8,9,10,11,12,13,14,15,16,17\n' "$header" > "$folder/wanted.csv"
check 'quotes, commas and ends of lines in fields are kept' derived "$folder/quoted.csv"
check 'other columns are left out' cmp -s "$folder/wanted.csv" "$folder/derived.csv"

refused() { # FILE WORDS
        ! sh "$history/derive.sh" "$1" > "$folder/out" 2> "$folder/said" && [ ! -s "$folder/out" ] && grep -qF "$2" "$folder/said"
}
: > "$folder/empty.csv"
echo 'number,other' > "$folder/columns.csv"
printf '%s\n1,2\n' "$header" > "$folder/short.csv"
printf '%s\n1,"2\n' "$header" > "$folder/open.csv"
check 'a history that is not there is refused' refused "$folder/none.csv" 'usage:'
check 'an empty history is refused' refused "$folder/empty.csv" 'the file is empty'
check 'a history without a column is refused' refused "$folder/columns.csv" 'no column incident_state'
check 'a row that is too short is refused with its line' refused "$folder/short.csv" 'line 2: there are 2 fields'
check 'a quote that is never closed is refused' refused "$folder/open.csv" 'a quote is open'
finish
