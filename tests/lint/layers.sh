#!/bin/sh
# Layers: kit < usm, event < link < log, how < daemon, desk, cli. A file includes its own layer and what stands left of it;
# the folders of cli have an order of their own; foreign libraries only where the name of the file or folder says so. layers.sh [ROOT]
. "$(dirname "$0")/lib/common.sh"
# shellcheck disable=SC2046
awk -f "$lint/strip.awk" $(c_files broker) /dev/null | awk -f "$lint/layers.awk"
verdict $? 'includes look one way'
