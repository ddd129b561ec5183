#!/bin/sh
# cppcheck finds no error and no warning. cppcheck.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
if ! command -v cppcheck >/dev/null; then
        echo 'cppcheck is not installed: apt-get install cppcheck'
        exit 77
fi
# Known between runs, so that only what changed is looked at again.
known=${SK_BUILD:-${TMPDIR:-/tmp}/schakel}/cppcheck
[ $# -gt 0 ] && known=${TMPDIR:-/tmp}/cppcheck-known
mkdir -p "$known" || exit 1
cppcheck --quiet --std=c11 --language=c --enable=warning,portability --inline-suppr --error-exitcode=1 -j 2 \
        --cppcheck-build-dir="$known" --template='{file}:{line}: {severity}: {message} [{id}]' -D_GNU_SOURCE -D__GNUC__ \
        -D__x86_64__ --suppress=missingInclude --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
        --suppress=normalCheckLevelMaxBranches -Ibroker -Ibroker/include broker
verdict $? 'cppcheck has nothing to say'
