#!/bin/sh
# What `make install` leaves behind, and that it works from there: the unit's own command line starts a link.
set -u
. tests/support/checks.sh
home=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXX") || exit 1
link=
trap '[ -n "$link" ] && kill -9 "$link" 2>/dev/null; rm -rf "$home"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
to=$home/to/opt/it
variant=$(basename "${SK_BUILD:-build/release}")

check 'make install installs' make install VARIANT="$variant" DESTDIR="$home/to" PREFIX=/opt/it
for file in bin/schakel bin/schakeld lib/libschakel.a lib/pkgconfig/schakel.pc lib/systemd/system/schakeld@.service \
        lib/systemd/system/schakel-threshold@.service lib/systemd/system/schakel-threshold@.timer \
        lib/schakel/plugins/csv-register.so lib/schakel/plugins/zammad.so include/schakel/plugin.h \
        lib/sysusers.d/schakel.conf share/bash-completion/completions/schakel share/schakel/schemas/usm.json \
        share/schakel/schemas/team.schema.json share/schakel/schemas/messages; do
        check "$file is there" test -e "$to/$file"
done
if command -v scdoc >/dev/null; then
        for page in man1/schakel.1 man8/schakeld.8; do
                check "$page is there" test -s "$to/share/man/$page"
        done
else
        skip 'man pages: scdoc is not installed'
fi
check 'the example chains are there, without fault' "$to/bin/schakel" check -q -C "$to/share/schakel/teams/shared-service-centre"
schemas_lead() { # somewhere, from each file of the example chains
        named=0
        for file in $(find "$1" -name '*.json'); do
                schema=$(sed -n '1,2s/.*"$schema": "\([^"]*\)".*/\1/p' "$file")
                [ -n "$schema" ] || continue
                named=$((named + 1))
                [ -e "$(dirname "$file")/$schema" ] || { echo "$file: $schema"; return 1; }
        done
        [ $named -ge 150 ] || { echo "$named files name a schema"; return 1; }
}
check 'their schemas are found where they say' schemas_lead "$to/share/schakel/teams"
check 'and in a clone' schemas_lead teams
check 'nothing is installed that others may write to' sh -c '[ -z "$(find "$1" -perm /022 ! -type l)" ]' - "$home/to"
check 'nothing of it names the folder it was packed in' sh -c '! grep -rqF "$1" "$1"' - "$home/to"
check 'what pkg-config says is true' \
        sh -c 'PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --libs schakel | grep -q -- "-L/opt/it/lib -lschakel"' - "$to"

check 'plug-ins are found beside the program' "$to/bin/schakeld" --plugin-help csv-register
check 'a plug-in of one'\''s own builds with nothing but what was installed' sh -c '
        ${CC:-gcc} -std=c11 -Wall -Wextra -Werror -fPIC -shared -I"$1/include" -o "$2/template.so" broker/plugins/template.c &&
        "$1/bin/schakeld" --plugins "$2" --plugin-help template' - "$to" "$home"

# The unit. A list of names: every option of its command line must be one of the program's.
unit=$to/lib/systemd/system/schakeld@.service
command=$(sed -n 's/^ExecStart=//p' "$unit" | sed 's/%i/desk/g')
check 'the unit starts the program that was installed' test "${command%% *}" = /opt/it/bin/schakeld
if command -v systemd-analyze >/dev/null; then
        sed "s|/opt/it/bin/|$to/bin/|" "$unit" >"$home/schakeld@desk.service"
        for other in schakel-threshold@.service schakel-threshold@.timer; do
                sed "s|/opt/it/bin/|$to/bin/|" "$to/lib/systemd/system/$other" >"$home/$(echo "$other" | sed 's/@/@desk/')"
        done
        check 'systemd has nothing to say about the daily figures' sh -c \
                'said=$(systemd-analyze verify --man=no --recursive-errors=no "$@" 2>&1) && [ -z "$said" ] || { echo "$said"; false; }' \
                - "$home/schakel-threshold@desk.timer" "$home/schakel-threshold@desk.service"
        check 'systemd has nothing to say about it' sh -c \
                'said=$(systemd-analyze verify --man=no --recursive-errors=no "$1" 2>&1) && [ -z "$said" ] || { echo "$said"; false; }' \
                - "$home/schakeld@desk.service"
else
        skip 'systemd-analyze is not installed'
fi

mkdir "$home/state"
run=$(echo "$command" | sed "s|/var/lib/schakel/desk|$home/state/desk|; s|^/opt/it|$to|")
(
        SCHAKEL_CHAIN=tests/data/chains/line SCHAKEL_LOG=local:$home/state/chain.log SCHAKEL_HTTP=127.0.0.1:0
        SCHAKEL_OPTIONS=
        eval "exec $run"
) 2>"$home/said" &
link=$!
is_ready() {
        tries=0
        until grep -q '"event":"ready"' "$home/said"; do
                tries=$((tries + 1))
                [ "$tries" -lt 1200 ] && kill -0 "$link" || { cat "$home/said"; return 1; }
                sleep 0.05
        done
}
check 'its command line starts a link' is_ready
check 'the link keeps its notes where it was told' test -e "$home/state/desk/desk.running"
kill -TERM "$link"
wait "$link"
status=$?
link=
check 'and it ends with status 0 when told to' test $status -eq 0
finish
