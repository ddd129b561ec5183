#!/bin/sh
# Each header compiles alone, under each compiler that is there and with all warnings, those on conversions too: what
# is inline in a header is compiled by whoever includes it. headers.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
status=0
compilers=${CC:-gcc clang}
for compiler in ${compilers#ccache }; do
        command -v "$compiler" >/dev/null || continue
        for header in $(c_files broker tests | grep '\.h$'); do
                "$compiler" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Werror \
                        -fsyntax-only -Ibroker -Ibroker/include -Itests -x c -include "$header" /dev/null || {
                        echo "$header: does not compile alone: include what it uses"
                        status=1
                }
        done
done
verdict $status 'each header compiles alone'
