#!/bin/sh
# Each check passes a good tree and fails on one with a single bad file.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/lint.XXXXXX") || exit 1
trap 'rm -rf "$root"' EXIT
passed=0 failed=0 skipped=0

# A small tree in which nothing is wrong, words in comments and strings included.
good_tree() {
        rm -rf "$root/broker" "$root/tests" "$root/schemas"
        mkdir -p "$root/broker/kit" "$root/broker/usm" "$root/broker/event" "$root/broker/link" "$root/broker/log" \
                "$root/broker/cli/session" "$root/broker/cli/task" "$root/broker/cli/other" "$root/broker/include/schakel" \
                "$root/tests/unit" "$root/schemas/messages"
        cp "$top/.clang-format" "$root/"
        printf '    "visit": {\n' >"$root/schemas/messages/work.claim.schema.json"
        cat >"$root/broker/kit/good.h" <<'EOF'
#ifndef SK_KIT_GOOD_H
#define SK_KIT_GOOD_H

#include <stddef.h>

/** Neither system("true") nor a clock such as time(NULL): words in a comment. */
size_t sk_good_count(size_t count);

#endif
EOF
        cat >"$root/broker/kit/good.c" <<'EOF'
#include "kit/good.h"

static const char *const words[] = {"strcpy(a, b) \" /*", "open(1)"};

static size_t send(size_t count) {
        return count + sizeof words;
}

size_t sk_good_count(size_t count) {
        return send(count);
}
EOF
}

result() { # STATUS NAME
        if [ "$1" -eq 0 ]; then
                passed=$((passed + 1))
        else
                failed=$((failed + 1))
                echo "failed: $2"
                sed 's/^/    /' "$root/output"
        fi
}

run() { # CHECK: its exit status
        sh "$here/$1.sh" "$root" >"$root/output" 2>&1
}

# CHECK FILE EXPECTED: a file with the standard input as content makes the check say EXPECTED, and fail.
fails_on() {
        good_tree
        cat >"$root/$2"
        run "$1"
        status=$?
        [ $status -eq 77 ] && {
                skipped=$((skipped + 1))
                return
        }
        [ $status -ne 0 ] && grep -qF -- "$3" "$root/output"
        result $? "$1 on $2: exit status $status, should be an error that says: $3"
}

# CHECK FILE: the check has nothing against the standard input at this place.
allows() {
        good_tree
        cat >"$root/$2"
        run "$1"
        result $? "$1 on $2 should pass"
}

for check in calls layers members headers size format cppcheck; do
        good_tree
        run $check
        case $? in
        77) skipped=$((skipped + 1)) ;;
        0) result 0 '' ;;
        *) result 1 "$check should pass a good tree" ;;
        esac
done

# One line a case: check | file | what is said | the line of C that is bad there.
while IFS='|' read -r check file expected line; do
        [ -z "$check" ] && continue
        printf "%s\n" "$line" >"$root/case"
        fails_on "$check" "$file" "$file:1: $expected" <"$root/case"
done <<'EOF'
layers|broker/kit/bad.c|kit may not include "usm/method.h"|#include "usm/method.h"
layers|broker/usm/bad.h|usm may not include "event/record.h"|#include "event/record.h"
layers|broker/event/bad.c|event may not include "usm/method.h"|  #  include "usm/method.h"
layers|broker/link/bad.c|link may not include "log/memory.h"|#include "log/memory.h"
layers|broker/log/bad.c|log may not include "how/exec.h"|#include "how/exec.h"
layers|broker/cli/bad.c|cli may not include "daemon/host.h"|#include "daemon/host.h"
layers|broker/cli/bad.c|cli/* may not include "cli/report/report.h": cli/report stands above it|#include "cli/report/report.h"
layers|broker/cli/session/bad.c|cli/session/* may not include "cli/task/task_deed.h"|#include "cli/task/task_deed.h"
layers|broker/cli/other/bad.c|cli/other is no folder|#include "cli/cli.h"
layers|broker/include/schakel/bad.h|include may not include "kit/err.h"|#include "kit/err.h"
layers|broker/kit/bad.c|"good.h" must be included as|#include "good.h"
layers|broker/kit/bad.c|"../usm/method.h" must be included as|#include "../usm/method.h"
layers|broker/usm/bad.c|<uv.h> is for|#include <uv.h>
layers|broker/link/bad.c|<sqlite3.h> is for|#include <sqlite3.h>
layers|broker/log/bad.c|<sqlite3.h> is for|#include <sqlite3.h>
layers|broker/cli/bad.c|<librdkafka/rdkafka.h> is for|#include <librdkafka/rdkafka.h>
layers|broker/event/bad.c|<curl/curl.h> is for|#include <curl/curl.h>
layers|broker/link/bad.c|<jansson.h> is for|#include <jansson.h>
layers|broker/link/bad.c|<time.h> is not for|#include <time.h>
layers|broker/kit/bad.c|<unistd.h> is not for|#include <unistd.h>
layers|broker/event/bad.c|<sys/socket.h> is not for|#include <sys/socket.h>
calls|broker/link/bad.c|clock_gettime is not for here|int f(void *t) { return clock_gettime(0, t); }
calls|broker/kit/bad.c|time is not for here|long f(void) { return time (0); }
calls|broker/usm/bad.c|fopen is not for here|void *f(void) { return fopen("a", "b"); }
calls|broker/kit/bad.c|read is not for here|long f(char *b) { return read(0, b, 1); }
calls|broker/event/bad.c|socket is not for here|int f(void) { return socket(1, 2, 3); }
calls|broker/usm/bad.c|rand is not for here|int f(void) { return rand(); }
calls|broker/link/bad.c|randombytes_buf is not for here|void f(char *b) { randombytes_buf(b, 1); }
calls|broker/link/bad.c|fprintf is not for here|void f(void) { fprintf(0, "x"); }
calls|broker/kit/bad.c|stderr is not for here|void *f(void) { return stderr; }
calls|broker/kit/bad.c|exit is not for here|void f(void) { exit(1); }
calls|broker/cli/bad.c|sprintf is not for here|void f(char *b) { sprintf(b, "x"); }
calls|broker/log/bad.c|strcpy is not for here|void f(char *b) { strcpy(b, "x"); }
calls|broker/cli/bad.c|strcat is not for here|void f(char *b) { strcat(b, "x"); }
calls|broker/cli/bad.c|atoi is not for here|int f(void) { return atoi("1"); }
calls|tests/unit/bad.c|atol is not for here|long f(void) { return atol("1"); }
calls|broker/cli/bad.c|gets is not for here|void f(char *b) { gets(b); }
calls|broker/cli/bad.c|strtok is not for here|void f(char *b) { strtok(b, ","); }
calls|tests/unit/bad.c|system is not for here|int f(void) { return system("true"); }
calls|broker/cli/bad.c|popen is not for here|void *f(void) { return /* why */ popen("true", "r"); }
calls|broker/log/bad.c|malloc is not for here|void *f(void) { return malloc(1); }
calls|broker/cli/bad.c|free is not for here|void f(void *p) { free(p); }
calls|tests/unit/bad.c|usleep is not for here|void f(void) { usleep(1); }
members|broker/link/bad.c|no schema of a message has the member colour|        sk_slice c = sk_work_text(s, value, "colour");
members|broker/link/bad.c|no schema of a message has the member topic|f(sk_json_member_string(work->value, "topic", arena));
size|broker/cli/bad.c|a note of work to be done|/* TODO: later */
EOF

# What looks alike and is right.
while IFS='|' read -r check file line; do
        [ -z "$check" ] && continue
        printf "%s\n" "$line" >"$root/case"
        allows "$check" "$file" <"$root/case"
done <<'EOF'
layers|broker/link/fine.c|#include "event/record.h"
layers|broker/log/local_file.c|#include <sqlite3.h>
layers|broker/kit/spsc.c|#include <sys/eventfd.h>
layers|broker/kit/json_load.c|#include <jansson.h>
layers|broker/cli/fine.c|#include "schakel/schakel.h"
layers|broker/cli/task/fine.c|#include "cli/report/figure_days.h"
layers|broker/cli/main.c|#include "cli/report/report.h"
members|broker/link/fine.c|sk_json_member_int(value, "visit", 1, 2, &n); sk_json_member(way, "colour");
calls|broker/kit/spsc.c|long f(char *b) { return read(0, b, 1); }
calls|broker/kit/alloc.c|void *f(void) { return malloc(1); }
calls|broker/link/fine.c|void f(port *p) { p->send(p); p->x.read(p); sk_open(p); }
calls|broker/link/fine.c|/* system("x") */ int f(void); // sprintf(b, "x")
calls|broker/cli/fine.c|void f(void) { fprintf(stderr, "time(1)"); }
EOF

fails_on headers broker/kit/bad.h 'broker/kit/bad.h: does not compile alone' <<'EOF'
size_t sk_bad(void);
EOF
fails_on headers broker/kit/bad.h 'broker/kit/bad.h: does not compile alone' <<'EOF'
static inline char sk_bad(int number) {
        return number;
}
EOF
fails_on format broker/kit/bad.c 'broker/kit/bad.c:1:' <<'EOF'
int f(void)
{
    return 1; }
EOF
fails_on cppcheck broker/kit/bad.c 'broker/kit/bad.c:3:' <<'EOF'
int f(void) {
        int numbers[2] = {1, 2};
        return numbers[2];
}
EOF
{
        echo 'void f(void) {'
        yes '        f();' | head -n 69
        echo '}'
} >"$root/case"
fails_on size broker/kit/bad.c 'broker/kit/bad.c:1: a function of 71 lines' <"$root/case"
yes "int f(void);" | head -n 601 >"$root/case"
fails_on size broker/kit/bad.c 'broker/kit/bad.c:601: a file of over 600 lines' <"$root/case"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
