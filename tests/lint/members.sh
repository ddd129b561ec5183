#!/bin/sh
# What the link reads of a message, its schema tells: each member that the engine looks for in the value of a record is a
# property of a schema in schemas/messages. members.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
known=$(cat schemas/messages/*.json 2>/dev/null | sed -n 's/^ *"\([a-z_]*\)": [{t].*/\1/p' | sort -u)
status=0
while IFS=: read -r file line found; do
        [ -n "$found" ] || continue
        name=$(printf '%s\n' "$found" | sed 's/.*"\([a-z_]*\)"$/\1/')
        printf '%s\n' "$known" | grep -qx "$name" && continue
        echo "$file:$line: no schema of a message has the member $name"
        status=1
done <<EOF
$(grep -noE '(sk_work_text\(s|sk_json_member(_string|_int|_bool)?\((work->|s->input->record->)?value)[a-z_, ]*, "[a-z_]+"' \
        $(c_files broker/link) /dev/null)
EOF
verdict $status 'what the link reads stands in a schema'
