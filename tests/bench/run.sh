#!/bin/sh
# Runs the benchmarks below $SK_BUILD and lays out what they print: per second and CPU time as this machine has them,
# and beside them instructions, counted by callgrind, which are the same everywhere. QUICK=1 takes a few seconds.
set -eu

programs=${SK_BUILD:?the folder of the build; say make bench}/tests/bench
quick=${QUICK:+--quick}
counted=$(mktemp)
trap 'rm -f "$counted"' EXIT

# Instructions of one case inside bench_measured or another function, for each time that it was done.
count() { # PROGRAM CASE HOW_MANY [FUNCTION]
	collected=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no \
		--toggle-collect="${4:-bench_measured}" "$programs/$1" --case "$2" --count "$3" 2>&1) || return 0
	printf '%s\n' "$collected" | awk -v name="$2" -F '\t' '
		$1 == "time" { times = $6 }
		/Collected/ { split($0, part, ": *"); if (times > 0) printf "%s %.0f\n", name, part[2] / times }' >>"$counted"
}

# Of a whole process with all its threads; the difference of two runs leaves out what happens once.
count_whole() { # PROGRAM CASE
	whole() {
		valgrind --tool=callgrind --callgrind-out-file=/dev/null "$programs/$1" --case "$2" --count "$3" 2>&1 |
			awk '/Collected/ { print $NF }'
	}
	few=$(whole "$1" "$2" 500)
	many=$(whole "$1" "$2" 1500)
	echo "$2 $(((many - few) / 1000))" >>"$counted"
}

if command -v valgrind >/dev/null 2>&1; then
	count step_bench step-life 640
	count step_bench step-raise 640
	count step_bench step-whole 640
	count step_bench decode 2560
	count driver_bench driver-whole 2048
	count driver_bench driver-chain 1024
	count driver_bench driver-life 1024
	count driver_bench memory-whole 1024
	count state_bench restore 10240
	count report_bench report 2048
	count hours_bench hours-add 20000
	count hours_bench hours-between 20000
	count schema_bench schema-call 20000
	count schema_bench jansson-call 5000
	count schema_bench scan-call 20000
	count schema_bench schema-parts 10000
	count schema_bench jansson-parts 5000
	count_whole local_bench local-chain
	count local_bench local-bare 1500 bare_write
else
	echo 'valgrind is not installed: no instructions are counted'
fi

for program in step_bench driver_bench state_bench local_bench latency_bench report_bench hours_bench timer_bench \
	schema_bench effects_bench plugin_bench; do
	"$programs/$program" $quick || printf 'failed\t%s\n' "$program"
done | awk -F '\t' -v counted="$counted" -f tests/bench/lay_out.awk
