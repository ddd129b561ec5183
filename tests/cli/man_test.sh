#!/bin/sh
# The man pages: scdoc takes them.
set -u
. tests/support/checks.sh
if ! command -v scdoc >/dev/null; then
        echo 'scdoc is not installed'
        exit 77
fi
for page in broker/*/man/*.scd; do
        check "$page can be formatted" sh -c 'scdoc <"$1" >/dev/null' - "$page"
done
finish
