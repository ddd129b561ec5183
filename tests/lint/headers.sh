#!/bin/sh
# Each header compiles alone. headers.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
status=0
for header in $(c_files broker tests | grep '\.h$'); do
        ${CC:-gcc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c \
                -Ibroker -Ibroker/include -Itests "$header" || {
                echo "$header: does not compile alone: include what it uses"
                status=1
        }
done
verdict $status 'each header compiles alone'
