#!/bin/sh
# Histories and maps as people give them: good ones are raised, each once; what does not fit is kept aside; what cannot be
# read is refused with the place and what to do. No link runs here: tests/integration/replay_test.sh follows the calls.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
chain=tests/data/chains/automatic
history=teams/shared-service-centre/history
map=$history/servicenow.map.json
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
said=$folder/said

replay() { # LOG HISTORY MAP [OPTION...]
        log=$1 file=$2 meaning=$3
        shift 3
        "$schakel" replay -C $chain --log "local:$folder/$log.db" --history "$file" --map "$meaning" --no-wait \
                --aside "$folder/aside.jsonl" "$@" >"$said" 2>&1
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
raises() { # WORDS LOG HISTORY MAP [OPTION...]
        words=$1
        shift
        replay "$@" && says "$words"
}
refuses() { # WORDS HISTORY MAP
        ! replay refused "$2" "$3" && says "$1" && [ "$(grep -c '^  ' "$said")" -eq 1 ]
}

check 'a packed history is raised' raises '890 calls raised, 0 raised before' whole $history/incidents.csv.gz $map
check 'nothing is kept aside of it' test ! -e "$folder/aside.jsonl"
check 'a second replay raises nothing' raises '0 calls raised, 890 raised before' whole $history/incidents.csv.gz $map
check 'a limit is a beginning' raises '3 calls raised, 0 raised before' limited $history/incidents.csv.gz $map --limit 3
check 'what is left is raised later' raises '887 calls raised, 3 raised before' limited $history/incidents.csv.gz $map
check 'the numbers come as JSON as well' raises '"calls":890,"raised":0,"known":890,"rows":5998,"rows_aside":0' whole \
        $history/incidents.csv.gz $map --json

gzip -dc $history/incidents.csv.gz >"$folder/plain.csv"
check 'a history that is not packed is the same one' raises '0 calls raised, 890 raised before' whole "$folder/plain.csv" $map
sed '1s/^/\xef\xbb\xbf/; s/$/\r/' "$folder/plain.csv" >"$folder/windows.csv"
check 'so is one with other ends of lines' raises '0 calls raised, 890 raised before' whole "$folder/windows.csv" $map

# Rows that do not fit.
header=$(head -n 1 "$folder/plain.csv")
good=$(sed -n 2p "$folder/plain.csv")
{
        printf '%s\n' "$header" 'a,b' "$good" ',New,0,29-02-2016 01:16,Phone,Location 1,c,s,y,?,4 - Low,g,?,x,TRUE,?,?'
        printf 'INC9,New,0,99-99-2016 01:16,Phone,Location 1,c,s,y,?,4 - Low,g,?,x,TRUE,?,?\n'
        printf 'INC8,New,0,29-02-2016 01:16,Phone,Location 1,c\377,s,y,?,4 - Low,g,?,x,TRUE,?,?\n'
        printf 'INC7,\033[31mNew,0,"never closed\n'
} >"$folder/mixed.csv"
check 'rows that do not fit hold nothing up' raises '1 call raised' mixed "$folder/mixed.csv" $map
check 'each is named with its line' sh -c "grep -q 'mixed.csv:2: kept aside' '$said' && grep -q 'mixed.csv:4: ' '$said'"
check 'they are counted' grep -q '5 of 6 rows are kept aside' "$said"
check 'each is kept with its reason' test "$(grep -c '"reason":' "$folder/aside.jsonl")" -eq 5
check 'nothing of them reaches the terminal as it is' sh -c "! grep -q '$(printf '\033')' '$said' '$folder/aside.jsonl'"
rm -f "$folder/aside.jsonl"

# Histories that cannot be read.
head -c 20000 $history/incidents.csv.gz >"$folder/cut.csv.gz"
printf '\037\213garbage' >"$folder/garbage.gz"
: >"$folder/empty.csv"
echo 'other,columns' >"$folder/other.csv"
head -c 300000 /dev/zero | tr '\0' 'x' >"$folder/long.csv"
check 'a packed history that was cut short is refused' refuses 'it ends too early' "$folder/cut.csv.gz" $map
check 'so is what only looks packed' refuses 'cannot be read' "$folder/garbage.gz" $map
check 'so is one that is not there' refuses 'No such file or directory' "$folder/none.csv" $map
check 'so is a folder' refuses 'Is a directory' "$folder" $map
check 'so is an empty one' refuses 'the header cannot be read' "$folder/empty.csv" $map
check 'so is one of other columns' refuses 'the header has no column "number"' "$folder/other.csv" $map
check 'so is one whose header has no end' refuses 'the header' "$folder/long.csv" $map
check 'none of them touches the log' test ! -e "$folder/refused.db"

# Maps that cannot be used: the place, and what is wrong there.
bad_map() { # WORDS TEXT
        printf '%s' "$2" >"$folder/map.json"
        refuses "$1" "$folder/plain.csv" "$folder/map.json"
}
check 'a map that is no JSON is refused with its place' bad_map 'map.json:1:2' '{'
check 'a map must be an object' bad_map 'an object is wanted' '[]'
check 'a map must say what tells calls apart' bad_map '"id" is missing' '{"format": "csv"}'
check 'a map that is not there is refused' refuses 'none.json' "$folder/plain.csv" "$folder/none.json"
change_map() { # WORDS SED-EXPRESSION
        sed "$2" $map >"$folder/map.json"
        refuses "$1" "$folder/plain.csv" "$folder/map.json"
}
check 'an unknown member is refused with its place' change_map '/colour' 's/"delimiter": ","/"colour": "red"/'
check 'a format that there is not is refused' change_map '/format' 's/"format": "csv"/"format": "xml"/'
check 'a date that cannot be read is refused' change_map '/time/format' 's/%d-%m-%Y/%d-%q-%Y/'
check 'a call type that there is not is refused' change_map '/type' 's/"type": "incident"/"type": "accident"/'
check 'a team that there is not is no call' change_map 'it has no call that fits' \
        's/"provider": "service-centre"/"provider": "nobody"/'
finish
