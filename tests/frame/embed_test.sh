#!/bin/sh
# libschakel as it is installed: what it exports and how its structs lie, as on record in tests/data/golden, and the
# example of an embedded link, built by each compiler with what pkg-config says, on the shared object and on the archive.
set -u
. tests/support/checks.sh
home=$(mktemp -d "${TMPDIR:-/tmp}/embed.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
to=$home/to/opt/it
variant=$(basename "${SK_BUILD:-build/release}")
record=tests/data/golden
headers=$to/include/schakel

check 'make install installs' make install VARIANT="$variant" DESTDIR="$home/to" PREFIX=/opt/it

# ---- names ----

same_names() { # FILE: what comes in, sorted, is what stands there
        sort | diff "$record/$1" -
}
abi=$(awk '/define SCHAKEL_ABI / { print $3 }' "$headers/schakel.h")
shared=$to/lib/libschakel.so.$abi
exported() { nm -D --defined-only "$shared" | awk '{ print $3 }' | same_names schakel.symbols; }
archived() { nm -g --defined-only "$to/lib/libschakel.a" 2>/dev/null | awk '$3 ~ /^schakel_/ { print $3 }' | same_names schakel.symbols; }
declared() { sed -n 's/^SCHAKEL_API [^(]*[ *]\(schakel_[a-z_]*\)(.*/\1/p' "$headers/schakel.h" | same_names schakel.symbols; }
foreign() { # global names of the archive that could meet those of a program
        nm -g --defined-only "$to/lib/libschakel.a" 2>/dev/null | awk 'NF == 3 && $3 !~ /^(sk|schakel)_/ { print $3; bad = 1 } END { exit bad }'
}
check 'the shared object exports the functions on record and nothing else' exported
check 'the header declares them' declared
check 'the archive has them' archived
check 'what else the archive has begins with sk_' foreign
check 'the shared object has the name of its interface' sh -c 'readelf -d "$1" | grep -qF "Library soname: [${1##*/}]"' - "$shared"
check 'and is found by its short name' test "$(readlink "$to/lib/libschakel.so")" = "libschakel.so.$abi"
check 'nothing in it has to be rewritten to be loaded' sh -c '! readelf -d "$1" | grep -q TEXTREL' - "$shared"

# ---- layouts ----

asserted() { # HEADER, RECORD: C in which everything on record is asserted
        printf '#include <schakel/%s>\n#include <stddef.h>\n' "$1"
        awk '{ what = $1 }
             /^schakel_/ { what = "sizeof(" $1 ")" }
             /[.]/ { split($1, of, "."); what = "offsetof(" of[1] ", " of[2] ")" }
             { printf "ASSERT((int)%s == %s, \"%s\");\n", what, $2, $1 }' "$2"
}
laid_out() { # HEADER, RECORD, COMPILER...
        asserted "$1" "$2" >"$home/layout.c"
        shift 2
        "$@" -Wall -Wextra -Werror -I"$to/include" -fsyntax-only "$home/layout.c"
}
enumerated() { # HEADER, NAME OF RECORD: the header has no value that is not on record
        awk '/^typedef enum/, /^}/' "$headers/$1" | grep -oE '^ +SCHAKEL_[A-Z_]+' | tr -d ' ' | sort >"$home/enumerated"
        grep -E '^SCHAKEL_' "$record/$2" | grep -v '_ABI ' | cut -d ' ' -f 1 | sort | diff - "$home/enumerated"
}
compilers=
for cc in gcc clang; do
        command -v $cc >/dev/null && compilers="$compilers $cc" || skip "$cc is not installed"
done
for cc in $compilers; do
        c="$cc -std=c11 -DASSERT=_Static_assert"
        # shellcheck disable=SC2086
        check "$cc: the interface lies as on record" laid_out schakel.h $record/schakel.abi $c
        check "$cc: that of plug-ins too" laid_out plugin.h $record/plugin.abi $c
        check "$cc: and its first version" laid_out plugin.h $record/plugin-1.abi $c -DSCHAKEL_PLUGIN_ABI=1
        check "$cc: C++ sees the same" laid_out schakel.h $record/schakel.abi "$cc" -x c++ -std=c++11 -DASSERT=static_assert
done
sed 's/^schakel_options.team .*/schakel_options.team 24/' "$record/schakel.abi" >"$home/moved.abi"
refute 'a member elsewhere is noticed' laid_out schakel.h "$home/moved.abi" gcc -std=c11 -DASSERT=_Static_assert
check 'every value of the interface is on record' enumerated schakel.h schakel.abi
check 'and every one of plug-ins' enumerated plugin.h plugin.abi

# ---- a program of somebody else's, built with nothing but what was installed ----

says() { PKG_CONFIG_PATH=$to/lib/pkgconfig pkg-config --define-variable=prefix="$to" "$@" schakel; }
check 'a program on the shared object names no other library' test "$(says --libs | xargs)" = "-L$to/lib -lschakel"
shared() { # COMPILER, FILE
        # shellcheck disable=SC2046
        "$1" -std=c11 -Wall -Wextra -Werror -D_DEFAULT_SOURCE deploy/embed/embed.c $(says --cflags --libs) -o "$2"
}
static() {
        # shellcheck disable=SC2046
        "$1" -std=c11 -Wall -Wextra -Werror -D_DEFAULT_SOURCE deploy/embed/embed.c -Wl,--as-needed -l:libschakel.a \
                $(says --cflags --libs --static) -o "$2"
}
needs() { readelf -d "$1" | grep NEEDED | grep -q 'libschakel[.]so'; }
embedded() { # PROGRAM: it is ready, and ends when it is asked to
        mkdir "$1.notes"
        LD_LIBRARY_PATH=$to/lib "$1" tests/data/chains/pair provider "local:$1.db" "$1.notes" >"$1.said" 2>&1 &
        link=$!
        tries=0
        until grep -q '^0 calls are open' "$1.said"; do
                tries=$((tries + 1))
                [ "$tries" -lt 1200 ] && kill -0 "$link" || { kill -9 "$link"; cat "$1.said"; return 1; }
                sleep 0.05
        done
        kill -INT "$link" && wait "$link"
}
check 'the example has under 150 lines' sh -c '[ "$(wc -l <deploy/embed/embed.c)" -lt 150 ]'
for cc in $compilers; do
        check "$cc: it builds on the shared object" shared "$cc" "$home/$cc-shared"
        check "$cc: and needs it" needs "$home/$cc-shared"
        check "$cc: and carries a link, and stops when asked" embedded "$home/$cc-shared"
        check "$cc: it builds on the archive" static "$cc" "$home/$cc-static"
        refute "$cc: and needs no shared object then" needs "$home/$cc-static"
        check "$cc: and carries a link, and stops when asked" embedded "$home/$cc-static"
done
check 'what it cannot open it says' sh -c 'LD_LIBRARY_PATH=$2 "$1" tests/data/chains/pair nobody local:x . 2>&1 | grep -q "no such team"' \
        - "$home/gcc-shared" "$to/lib"
finish
