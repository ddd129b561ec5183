#!/bin/sh
# The layout is that of .clang-format; `make format` makes it so. format.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
if ! command -v clang-format >/dev/null; then
        echo 'clang-format is not installed: apt-get install clang-format'
        exit 77
fi
files=$(c_files broker tests)
[ -z "$files" ] && verdict 0 'nothing to lay out'
# shellcheck disable=SC2086
clang-format --dry-run -Werror --ferror-limit=3 $files
verdict $? 'laid out as .clang-format says (make format)'
