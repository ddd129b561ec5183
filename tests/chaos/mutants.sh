#!/bin/bash
# Takes one promise at a time out of the port to Kafka, in a copy of the tree, and sees that somebody notices: chaos, the
# tests of what fences rest on, or those of the port's loop. Some two minutes each; not a part of `make check`.
#
#   bash tests/chaos/mutants.sh [NAME...]      all, or those; SEED=n for other faults
set -u
. tests/support/checks.sh
export SEED=${SEED:-7} SCHAKEL_KAFKA_LIBS=${SCHAKEL_KAFKA_LIBS:-$PWD/build/kafka}
wanted=" $* "
home=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT

built=build/release/tests
chaos() { CHAOS_FAULTS=12 CHAOS_BROKERS=1 CHAOS_SECONDS=120 $built/chaos/chaos_test; }
fence() { $built/integration/kafka_fence_test; }
loop() { $built/unit/log/kafka_test; }
declare -A goals=([chaos]="programs $built/chaos/chaos_test" [fence]=$built/integration/kafka_fence_test
        [loop]=$built/unit/log/kafka_test)

mutant() { # NAME chaos|fence|loop FILE PERL
        case $wanted in '  ' | *" $1 "*) ;; *) return ;; esac
        rm -rf "$home/tree" && mkdir "$home/tree" && git ls-files -z | tar -c --null -T - | tar -x -C "$home/tree" || exit 1
        perl -0pi -e "$4" "$home/tree/$3"
        if cmp -s "$3" "$home/tree/$3"; then
                check_result 1 "$1: the mutation fits the source" ''
                return
        fi
        # shellcheck disable=SC2086
        (cd "$home/tree" && make -s -j2 ${CC:+CC="$CC"} ${goals[$2]}) >"$home/build.out" 2>&1 ||
                { check_result 1 "$1: the mutant can be built" "$(tail -n 20 "$home/build.out")"; return; }
        (cd "$home/tree" && $2) >"$home/$1.out" 2>&1
        check "$1: $2 notices" grep -q '^\[  ERROR   \]' "$home/$1.out"
        grep -A 1 '^\[  ERROR   \]' "$home/$1.out" | head -n 2
}

mutant offsets-outside-the-transaction chaos broker/log/kafka_producer.c \
        's/(assert\(batch->offset_count > 0\);\n)(\s+while \(result == ASKED_AGAIN) /$1        if (group != NULL)\n                result = ASKED_NOTHING;\n$2 /'
mutant aborted-taken-for-committed loop broker/log/kafka_do.c \
        's/(sk_driver_committed\(kafka->driver, job->batch->number, )job->result/$1job->result == SK_ERR_ABORTED ? SK_OK : job->result/'
mutant leaving-without-an-answer loop broker/log/kafka_group.c \
        's/        if \(is_leaving\)\n\s+sk_kafka_member_let_go[^\n]*\n//'
mutant what-returns-is-never-looked-at loop broker/log/kafka_park.c \
        's/return share->is_worth_a_look && strcmp\(share->tag, settled->tag\) == 0;/return share->is_restored;/'
mutant restore-misses-records fence broker/log/kafka_journal.c \
        's/(\s+)(reading->is_over = !visit_message\(reading, message\);)/$1if (message->offset % 5 != 0)$1        $2/'
mutant no-fence-without-input fence broker/log/kafka_producer.c \
        's/(static asked send_offsets\(.*?\{\n)/$1        if (batch->record_count < 3)\n                return ASKED_NOTHING;\n/s'
finish
