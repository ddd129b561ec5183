#!/bin/sh
# Runs the benchmark of links on Kafka and lays out what it prints. QUICK=1 says less. PAIRS=n: how often a link and the
# bare program take turns. BENCH_BROKERS=HOST:PORT: on brokers that run already.
set -eu

"${SK_BUILD:?the folder of the build; say make bench-kafka}/tests/bench/kafka/main" ${QUICK:+--quick} "$@" |
	awk -F '\t' -f tests/bench/lay_out.awk
