#!/bin/sh
# Makes incidents.csv.gz from the event log as published: only the columns that servicenow.map.json needs, all rows in
# their order, ends of lines as LF.
#   sh derive.sh PATH/TO/incident_event_log.csv[.gz] > incidents.csv.gz
set -eu

columns='number incident_state reassignment_count opened_at contact_type location category subcategory u_symptom
cmdb_ci priority assignment_group rfc closed_code made_sla sys_updated_at closed_at'

if [ $# -ne 1 ] || [ ! -r "$1" ]; then
        echo "usage: sh derive.sh FILE > incidents.csv.gz   (FILE: the event log, CSV, may be compressed with gzip)" >&2
        exit 2
fi

unpack() {
        case $1 in
        *.gz) gzip -dc -- "$1" ;;
        *) cat -- "$1" ;;
        esac
}

# Quoted fields as RFC 4180 has them: a comma, a doubled quote and an end of line may stand inside the quotes.
pick='
function quoted(text) {
        if (text !~ /[",\n]/)
                return text
        gsub(/"/, "\"\"", text)
        return "\"" text "\""
}
function is_whole(record,    rest) {
        rest = record
        return gsub(/"/, "", rest) % 2 == 0
}
function split_record(record, fields,    count, text, at, character, inside) {
        count = 1
        text = ""
        inside = 0
        if (index(record, "\"") == 0)
                return split(record, fields, ",")
        for (at = 1; at <= length(record); at++) {
                character = substr(record, at, 1)
                if (character == "\"" && inside && substr(record, at + 1, 1) == "\"") {
                        text = text "\""
                        at++
                } else if (character == "\"") {
                        inside = !inside
                } else if (character == "," && !inside) {
                        fields[count++] = text
                        text = ""
                } else {
                        text = text character
                }
        }
        fields[count] = text
        return count
}
function fail(text) {
        print "derive.sh: line " NR ": " text > "/dev/stderr"
        failed = 1
        exit 1
}
BEGIN {
        wanted_count = split(columns, wanted, /[ \n]+/)
}
{
        sub(/\r$/, "")
        record = pending == "" ? $0 : pending "\n" $0
        if (!is_whole(record)) {
                pending = record
                next
        }
        pending = ""
        if (record == "")
                next
        count = split_record(record, fields)
        if (header_count == 0) {
                sub(/^\357\273\277/, "", fields[1])
                header_count = count
                for (i = 1; i <= count; i++)
                        place[fields[i]] = i
                for (i = 1; i <= wanted_count; i++) {
                        if (!(wanted[i] in place))
                                fail("the header has no column " wanted[i])
                }
        } else if (count != header_count) {
                fail("there are " count " fields, the header has " header_count)
        }
        line = ""
        for (i = 1; i <= wanted_count; i++)
                line = line (i > 1 ? "," : "") quoted(fields[place[wanted[i]]])
        print line
}
END {
        if (!failed && pending != "") {
                print "derive.sh: a quote is open at the end of the file" > "/dev/stderr"
                failed = 1
        }
        if (!failed && header_count == 0) {
                print "derive.sh: the file is empty" > "/dev/stderr"
                failed = 1
        }
        exit failed
}
'

# A pipe hides that a part of it failed, so each step is finished before the next one begins.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unpack "$1" > "$folder/whole.csv"
LC_ALL=C awk -v columns="$columns" "$pick" "$folder/whole.csv" > "$folder/picked.csv"
gzip -9nc "$folder/picked.csv"
