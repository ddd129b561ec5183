#!/bin/sh
# Installs the Debian packages that are named and not there yet: deps.sh PACKAGE...
# Does nothing when all are there. Uses sudo where that is needed and possible, else says what to run.
set -u
missing=
for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)
        [ "$state" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
        echo "This is no Debian: install by your own means what these packages hold:$missing" >&2
        exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
                as_root=sudo
        else
                echo "These packages are missing. As root, run:" >&2
                echo "  apt-get update && apt-get install --no-install-recommends$missing" >&2
                exit 1
        fi
fi
echo "installing:$missing"
$as_root apt-get update -qq || echo 'apt-get update failed; trying with the lists that are there' >&2
# shellcheck disable=SC2086
exec $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
