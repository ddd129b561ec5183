#!/bin/sh
# No file over 600 lines, no function over 70, no note of work to be done. size.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
# shellcheck disable=SC2046
awk '
        function wrong(line, why) {
                printf "%s:%d: %s\n", FILENAME, line, why
                found++
        }
        FNR == 1 { begun = 0 }
        FNR == 601 { wrong(FNR, "a file of over 600 lines: two concepts in one room?") }
        /(TODO|FIXME)/ { wrong(FNR, "a note of work to be done: do it, or open an issue") }
        /^[a-z_].*\)[ \t]*\{$/ || (/^\{/ && !begun) { begun = FNR }
        /^\}/ {
                if (begun && FNR - begun + 1 > 70)
                        wrong(begun, "a function of " FNR - begun + 1 " lines; none has over 70")
                begun = 0
        }
        END { exit found > 0 }' $(c_files broker tests) /dev/null
verdict $? 'files and functions fit'
