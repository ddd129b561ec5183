#!/bin/bash
# Each rule of `schakel check --conformance` can fail: in a program with one line of the method changed, the rules that this
# line is about do not hold. Each of the rules is broken by at least one of the changes.
set -u
. tests/support/checks.sh
unset MAKEFLAGS MFLAGS MAKELEVEL
built=build/release
[ "${SK_BUILD:-$PWD/$built}" = "$PWD/$built" ] || [ "${SK_BUILD:-$built}" = "$built" ] ||
        { echo 'the changed programs are made of the release build'; exit 77; }
home=$(mktemp -d "${TMPDIR:-/tmp}/method.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
link=$(make -n -W broker/cli/main.c V=1 $built/schakel 2>/dev/null | grep -- "-o $built/schakel " | tail -n 1)
check 'how the program is linked is known' test -n "$link"
: >"$home/broken"

compile() { # FILE
        command=$(make -n -W "$1" V=1 "$built/obj/${1%.c}.o" 2>/dev/null | grep -- " -c " | tail -n 1)
        command=${command/-o $built\/obj\/${1%.c}.o/-o $home/changed.o}
        command=${command/ $1/ $home/changed.c}
        bash -c "${command/-O2/-O0}" >"$home/built" 2>&1 || { cat "$home/built"; return 1; }
        command=${link/-o $built\/schakel /-o $home/schakel }
        bash -c "${command/ $built\/cli.a/ $home/changed.o $built\/cli.a}" >"$home/built" 2>&1 || { cat "$home/built"; return 1; }
}
breaks() { # FILE PERL RULE...: these, and perhaps others that rest on them
        perl -0pe "$2" "$1" >"$home/changed.c"
        cmp -s "$1" "$home/changed.c" && { echo 'the change does not fit the source'; return 1; }
        compile "$1" || return 1
        "$home/schakel" check --conformance >"$home/said" 2>&1
        [ $? -eq 1 ] || { cat "$home/said"; return 1; }
        shift 2
        for rule in "$@"; do
                grep -q "^FAILS  $rule " "$home/said" || { echo "$rule holds"; cat "$home/said"; return 1; }
        done
        sed -n 's/^FAILS  \([a-z0-9-]*\) .*/\1/p' "$home/said" >>"$home/broken"
}
change() { # WHAT FILE PERL RULE...
        what=$1
        shift
        check "$what" breaks "$@"
}

change 'a process of another name' broker/usm/method.c 's/"recover", recover/"repair", recover/' processes cuts
change 'an activity of another number' broker/usm/method.c 's/\{44, SK_IMPROVE/{47, SK_IMPROVE/' activities
change 'an offer that comes after the cut' broker/usm/method.c 's/COUNT\(agree\), 5/COUNT(agree), 4/' activities workflow-1 workflow-6
change 'a recovery that is prepared after the cut' broker/usm/method.c 's/COUNT\(recover\), 4/COUNT(recover), 3/' activities workflow-4
change 'an improvement that is selected after the cut' broker/usm/method.c 's/COUNT\(improve\), 4/COUNT(improve), 3/' \
        activities workflow-7 workflow-8
change 'an incident that becomes a wish' broker/usm/method.c \
        's/(COUNT\(recover\), 4, CUT_TO\()SK_CHANGE/$1SK_AGREE/' cuts workflows workflow-3
change 'operations that never trigger anything' broker/usm/workflow.c \
        's/= search->table->may_trigger\[process\]/= process == SK_OPERATE ? 0 : search->table->may_trigger[process]/' every-cut no-circles
change 'requests of each other'\''s type' broker/usm/method.c \
        's/(for-change", )SK_CHANGE/$1SK_OPERATE/; s/("service-request", )SK_OPERATE/$1SK_CHANGE/' call-types workflow-2 workflow-5
change 'a plan that cannot be declined' broker/usm/ending.c 's/NAME\(SK_PLAN\) \| //' endings declined
change 'a review that cannot fail to confirm' broker/usm/ending.c 's/SK_NOT_CONFIRMED, NAME\(SK_REVIEW\), false, SK_GO_TO_CUT/SK_NOT_CONFIRMED, NAME(SK_REVIEW), false, SK_GO_TO_CLOSE/' \
        endings not-confirmed three-attempts
change 'a failure that is not reviewed' broker/usm/ending.c 's/(SK_FAILED, ANY_NAME, false, )SK_GO_TO_REVIEW/$1SK_GO_TO_CLOSE/' failed
change 'a return from where there is none' broker/usm/ending.c 's/\(activity->name == SK_PERFORM \|\| /(/' no-return
change 'a withdrawal that always comes too late' broker/link/step_customer.c 's/return s->call.is_past_return \|\| is_closing/return true || is_closing/' \
        withdrawn
change 'a withdrawal that seldom does' broker/link/step_customer.c 's/return s->call.is_past_return \|\| is_closing/return is_closing/' withdrawn-late
change 'an offer that is accepted by refusing it' broker/link/step_customer.c 's/accepts \? SK_COMPLETED : SK_DECLINED/SK_COMPLETED/' offer-refused

"${SCHAKEL:-$built/schakel}" check --conformance | sed -n 's/^holds  \([a-z0-9-]*\) .*/\1/p' | sort >"$home/rules"
sort -u "$home/broken" >"$home/those"
check 'there are rules' test "$(wc -l <"$home/rules")" -ge 24
check 'each of them was broken' diff "$home/rules" "$home/those"
finish
