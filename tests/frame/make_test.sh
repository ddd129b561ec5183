#!/bin/sh
# The Makefile, on a small project of its own: a copy of the frame and three C files.
set -u
. tests/support/checks.sh
home=$(mktemp -d "${TMPDIR:-/tmp}/make.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL RESULTS SK_BUILD T V VARIANT CC

mkdir -p "$home/broker/kit" "$home/broker/cli" "$home/broker/include/schakel" "$home/tests/unit/kit" "$home/deploy"
cp -r tests/coverage "$home/tests/"
cp Makefile "$home/"
cp -r deploy/debian "$home/deploy/"
cp tests/run.sh tests/tests.mk "$home/tests/"
cd "$home" || exit 1
cat >broker/include/schakel/schakel.h <<'EOF'
int sk_two(void);
EOF
cat >broker/kit/two.h <<'EOF'
#define TWO 2
EOF
cat >broker/kit/two.c <<'EOF'
#include "kit/two.h"

#include "schakel/schakel.h"

int sk_two(void) {
        return TWO;
}
EOF
cat >tests/unit/kit/two_test.c <<'EOF'
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schakel/schakel.h"

static void test_two_is_two(void **state) {
        (void)state;
        assert_int_equal(sk_two(), 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_is_two)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
EOF

last_line() { # LINE COMMAND...: the command's last line is this
        expected=$1
        shift
        "$@" >output 2>&1
        [ "$(tail -n 1 output)" = "$expected" ] || { cat output; return 1; }
}

compiles() { # ARGUMENT...: does make compile anything?
        [ -n "$(make lib "$@" | sed -n '/^  CC /p')" ]
}

check 'the library is built' make lib
check 'where it belongs' test -f build/release/libschakel.a
check 'empty folders are left out' make all
refute 'a second time nothing is compiled' compiles
touch broker/kit/two.h
check 'a header that changed is' compiles
check 'other flags are a reason too' compiles CFLAGS=-O0
check 'every variant has a folder of its own' make lib VARIANT=debug
check 'of its name' test -f build/debug/libschakel.a
refute 'an unknown variant is an error' make lib VARIANT=nonsense
check 'one test passes' last_line '1 passed, 0 failed, 0 skipped' make unit
check 'a part of its name chooses it' last_line '1 passed, 0 failed, 0 skipped' make unit T=two
refute 'a name that chooses nothing is an error' make unit T=three

cat >broker/kit/three.c <<'EOF'
#include "schakel/schakel.h"

int sk_three(int is_more);
int sk_three(int is_more) {
        if (is_more)
                return 4;
        return 3;
}
EOF
says() { # PATTERN COMMAND...: one line of what the command prints is so
        pattern=$1
        shift
        "$@" >output 2>&1
        grep -qxE "$pattern" output || { cat output; return 1; }
}
check 'what never ran is counted' says 'broker/kit +6 +33\.3 +2 +0\.0' make coverage
check 'and found' says 'never 6: +return 4;' tests/coverage/coverage.sh broker/kit/three.c
check 'files with the most of it come first' says 'broker/kit/three\.c +4 +0\.0 +2 +0\.0' make coverage
rm broker/kit/three.c

echo '#define TWO 3' >broker/kit/two.h
check 'a test that fails is counted' sh -c 'make unit 2>/dev/null | tail -n 1 | grep -qx "0 passed, 1 failed, 0 skipped"'
refute 'and makes make fail' make unit
echo '#define TWO 2' >broker/kit/two.h

echo 'static int unused;' >broker/kit/bad.c
refute 'a warning is an error' make lib
echo 'int sk_more(void); int sk_more(void) { return 1; }' >broker/kit/bad.c
make lib >/dev/null
rm broker/kit/bad.c
make lib >/dev/null
refute 'what was removed leaves the library' sh -c 'ar t build/release/libschakel.a | grep -q bad.o'

check 'make install installs' make install DESTDIR="$home/to" PREFIX=/opt/it
check 'the library' test -f to/opt/it/lib/libschakel.a
check 'the headers' test -f to/opt/it/include/schakel/schakel.h
cat >user.c <<'EOF'
#include <schakel/schakel.h>

int main(void) {
        return sk_two() == 2 ? 0 : 1;
}
EOF
export PKG_CONFIG_PATH="$home/to/opt/it/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$home/to"
check 'a program is built with what pkg-config says' sh -c 'gcc -o user user.c $(pkg-config --cflags --libs schakel)'
check 'and works' ./user
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR

check 'help names the targets' sh -c 'make help | grep -q "^  check  "'
refute 'without pkg-config nothing is built' make clean lib PKG_CONFIG=false
check 'but it is said what to install' sh -c 'make lib PKG_CONFIG=false 2>&1 | grep -q "apt-get install.* libjansson-dev"'
make clean >/dev/null
refute 'clean leaves no build folder' test -e build
finish
