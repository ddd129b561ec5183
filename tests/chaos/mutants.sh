#!/bin/bash
# Takes one promise at a time out of the port to Kafka, in a copy of the tree, and sees that chaos or the tests of what
# fences rest on notice. Some two minutes each; not a part of `make check`.
#
#   bash tests/chaos/mutants.sh [NAME...]      all, or those; SEED=n for other faults
set -u
. tests/support/checks.sh
export SEED=${SEED:-7} SCHAKEL_KAFKA_LIBS=${SCHAKEL_KAFKA_LIBS:-$PWD/build/kafka}
wanted=" $* "
home=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT

chaos() { CHAOS_FAULTS=12 CHAOS_BROKERS=1 CHAOS_SECONDS=120 build/release/tests/chaos/chaos_test; }
fence() { build/release/tests/integration/kafka_fence_test; }

mutant() { # NAME chaos|fence FILE PERL
        case $wanted in '  ' | *" $1 "*) ;; *) return ;; esac
        rm -rf "$home/tree" && mkdir "$home/tree" && git ls-files -z | tar -c --null -T - | tar -x -C "$home/tree" || exit 1
        perl -0pi -e "$4" "$home/tree/$3"
        if cmp -s "$3" "$home/tree/$3"; then
                check_result 1 "$1: the mutation fits the source" ''
                return
        fi
        local target=build-chaos
        [ "$2" = fence ] && target=build-integration
        (cd "$home/tree" && make -s -j2 ${CC:+CC="$CC"} $target) >"$home/build.out" 2>&1 ||
                { check_result 1 "$1: the mutant can be built" "$(tail -n 20 "$home/build.out")"; return; }
        (cd "$home/tree" && $2) >"$home/$1.out" 2>&1
        check "$1: $2 notices" grep -q '^\[  ERROR   \]' "$home/$1.out"
        grep -A 1 '^\[  ERROR   \]' "$home/$1.out" | head -n 2
}

mutant offsets-outside-the-transaction chaos broker/log/kafka_producer.c \
        's/(assert\(batch->offset_count > 0\);\n)(\s+while \(result == ASKED_AGAIN) /$1        if (group != NULL)\n                result = ASKED_NOTHING;\n$2 /'
mutant what-returns-is-never-looked-at chaos broker/log/kafka_park.c \
        's/return share->is_worth_a_look && strcmp\(share->tag, settled->tag\) == 0;/return share->is_restored;/'
mutant restore-misses-records chaos broker/log/kafka_restorer.c \
        's/(if \(piece == NULL\)\n\s+return false;\n)(\s+)row_add\(piece, record\);/$1$2if (record->offset % 20 != 0)\n                row_add(piece, record);/'
mutant no-fence-without-input fence broker/log/kafka_producer.c \
        's/(static asked send_offsets\(.*?\{\n)/$1        if (batch->record_count < 3)\n                return ASKED_NOTHING;\n/s'
finish
