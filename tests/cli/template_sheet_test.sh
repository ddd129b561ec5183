#!/bin/bash
# `schakel template new|export|import`: routines as files to fill in, as sheets to edit, and back.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
folder=$(mktemp -d "${TMPDIR:-/tmp}/schakel-sheet-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cp -r teams/shared-service-centre "$folder/chain"
chain=$folder/chain
export SCHAKEL_CHAIN=$chain

run() { output=$("$schakel" template "$@" 2>&1); }
says() { # TEXT: it stands in what the last run printed
        case $output in *"$1"*) ;; *) printf 'not in it: %s\n%s\n' "$1" "$output"; return 1 ;; esac
}
status() { # STATUS TEXT ARGUMENT...
        wanted=$1 text=$2
        shift 2
        run "$@"
        found=$?
        [ "$found" -eq "$wanted" ] || { printf 'exit status %s, not %s\n%s\n' "$found" "$wanted" "$output"; return 1; }
        says "$text"
}
as_they_were() { diff -r teams/shared-service-centre "$chain"; }

each_comes_back() { # every routine of every chain, exported and imported as it is
        for from in teams/shared-service-centre teams/integrated-facilities teams/supplier-network teams/practices; do
                rm -rf "$folder/copy" && cp -r "$from" "$folder/copy"
                for file in "$folder"/copy/*/routines/*.json; do
                        name=${file##*/} team=${file%/routines/*}
                        "$schakel" template export -C "$folder/copy" -t "${team##*/}" "${name%.json}" -o "$folder/sheet.csv" &&
                                "$schakel" template import -C "$folder/copy" -t "${team##*/}" "$folder/sheet.csv" >/dev/null || return 1
                done
                diff -r "$from" "$folder/copy" || return 1
        done
}
edited() { # TEXT OTHER: of the exported sheet
        "$schakel" template export -t service-centre broken-laptop | sed "s/$1/$2/" >"$folder/edited.csv"
}
one_line_differs() {
        [ "$(diff teams/shared-service-centre/service-centre/routines/broken-laptop.json \
                "$chain/service-centre/routines/broken-laptop.json" | grep -c '^>')" -eq 1 ]
}
eight_pass() {
        run new network && [ "$(find "$chain/network/routines" -name 'workflow-[1-8].json' | wc -l)" -eq 8 ] &&
                "$schakel" check -q && ! "$schakel" template new network 2>/dev/null | grep -q json
}
html_is_whole() {
        "$schakel" template export -t service-centre broken-laptop --format html -o "$folder/page.html" &&
                grep -q 'Number on the lid' "$folder/page.html" && grep -q 'change at workplace' "$folder/page.html"
}

check 'a sheet that nobody edited gives the same file back' each_comes_back
edited 'desk,process-manager' 'specialist,process-manager'
check 'what would change is said' status 0 '"desk" > "specialist"' import -t service-centre "$folder/edited.csv" --dry-run
check 'and nothing was changed' as_they_were
check 'it is changed' status 0 'changed' import -t service-centre "$folder/edited.csv"
check 'in that line and no other' one_line_differs
check 'the same again changes nothing' status 0 'as it was' import -t service-centre "$folder/edited.csv"
edited 'specialist,process-manager' 'nobody,process-manager'
check 'what does not pass the check is refused' status 1 'knows no profile and no person' import -t service-centre "$folder/edited.csv"
check 'and the file stays' one_line_differs
edited 'recover.prepare' 'recover.perform'
check 'an activity that is none is refused with its line' status 1 'line 15' import -t service-centre "$folder/edited.csv"
check 'no such file' status 1 'No such file' import -t service-centre "$folder/none.csv"
check 'no such routine' status 2 'did you mean "broken-laptop"' export -t service-centre broken-laptpo
check 'a document in Markdown' status 0 '| What | Who | How |' export -t service-centre broken-laptop --format markdown
check 'a document in HTML' html_is_whole
check 'a blank sheet of a process' status 0 'process,improve' export -t network --process improve
practice() { # TEAM FILE WORKFLOW: a filled template, a work instruction as a whole
        run list -C teams/practices --team "$1"
        case $output in *"$3 "*"work instruction"*"$2*"*) ;; *) printf '%s\n' "$output"; return 1 ;; esac
}

check 'a practice of IT is filled in' practice it-operations patch-management ' 7'
check 'a practice of facility management is' practice moves move-management ' 2'
check 'a practice of care is' practice ward incident-reporting ' 4'
components() { # STATUS TEXT ARGUMENT...
        wanted=$1 text=$2
        shift 2
        output=$("$schakel" infrastructure "$@" -C teams/practices 2>&1)
        [ $? -eq "$wanted" ] && says "$text"
}
check 'components are listed' components 0 'Web server, second ring' list --team it-operations
check 'as JSON too' components 0 '"component":"web-2","team":"it-operations"' list --json
check 'one is shown' components 0 'facility    safe-care' show handover-list
check 'one that is not there' components 2 'did you mean "web-1"' show web1
check 'its history needs a log' components 2 'log' history
check 'more than one thing is asked wrongly' status 2 'give one of' export -t network --process improve --workflow 3
check 'eight templates pass the check, and are not written over' eight_pass
check 'they name their schema beside that of chain.json' grep -q '"\$schema": "../../../../schemas/routine.schema.json"' \
        "$chain/network/routines/workflow-1.json"
sed -i '/"\$schema"/d' "$chain/chain.json" && rm "$chain/network/routines/workflow-1.json"
check 'and none where that names none' sh -c '"$1" template new network --workflow 1 && ! grep -q schema "$2"' - \
        "$schakel" "$chain/network/routines/workflow-1.json"
check 'one, with who' status 0 'workflow-3.json' new service-centre --kind work-instruction --workflow 3
check 'a team that is not there' status 2 'did you mean "network"' new netwrok
check 'one that is like none' status 2 'its teams: applications, finance' new zzz
check 'who checks how a team works is told as well' sh -c '"$1" check -C teams/shared-service-centre --maturity --team netwrok 2>&1 | grep -q "did you mean \"network\""' - "${SCHAKEL:-schakel}"
"$schakel" template export -t applications --process improve | sed 's/^improve.identify,Identify,/&operator/; s/^routine,.*/routine,ideas/' >"$folder/new.csv"
check 'a sheet becomes a file that was not there' status 0 'ideas.json' import -t applications "$folder/new.csv"
check 'which is shown' status 0 'operator' show -t applications --process improve
finish
