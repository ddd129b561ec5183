#!/bin/bash
# `schakel contract`: the documents in schemas/asyncapi are what it makes of the examples, and AsyncAPI's own parser reads them.
# The parser comes from npm into build/; without npm, or without its registry, that part says so and is left out.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
home=$(mktemp -d "${TMPDIR:-/tmp}/contract.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT

same() { # CHAIN TEAM
        "$schakel" contract -C "teams/$1" --team "$2" -o "$home/$1.$2.json" &&
                diff "schemas/asyncapi/$1.$2.json" "$home/$1.$2.json" | head -20
        cmp -s "schemas/asyncapi/$1.$2.json" "$home/$1.$2.json"
}
for document in schemas/asyncapi/*.json; do
        name=$(basename "$document" .json)
        check "$name is what schakel makes" same "${name%.*}" "${name##*.}"
done
"$schakel" contract -C teams/shared-service-centre --team service-centre >"$home/printed"
check 'it is printed as well' cmp "$home/printed" schemas/asyncapi/shared-service-centre.service-centre.json
"$schakel" contract -C teams/shared-service-centre --team nobody >"$home/out" 2>&1
check 'a team that there is not is asked wrongly' test $? -eq 2
check 'every reference leads somewhere' sh -c "grep -o '\"#/[^\"]*\"' schemas/asyncapi/shared-service-centre.service-centre.json |
        grep -qv '^\"#/\(components\|channels\)/' && exit 1; exit 0"

place=$PWD/build/asyncapi
parser() {
        command -v npm >/dev/null && command -v node >/dev/null || return 1
        mkdir -p "$place"
        test -d "$place/node_modules/@asyncapi/parser" ||
                timeout 300 npm install --prefix "$place" --no-audit --no-fund --ignore-scripts @asyncapi/parser@3 >"$home/npm" 2>&1
}
if parser; then
        cp tests/support/asyncapi/read.mjs "$place/"
        check "AsyncAPI's parser reads them" node "$place/read.mjs" schemas/asyncapi/*.json
        sed 's|"action": "receive"|"action": "perceive"|' schemas/asyncapi/supplier-network.dairy.json >"$home/wrong.json"
        refute 'and would say what is wrong' node "$place/read.mjs" "$home/wrong.json"
else
        skip "AsyncAPI's parser is not to be had from npm here"
fi
finish
