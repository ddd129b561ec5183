#!/bin/sh
# `schakel map-test`: the ten examples of teams/README.md give what the page says; what is wrong is told with its place.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
home=$(mktemp -d "${TMPDIR:-/tmp}/mapping.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT

# The page's examples, each as a file.
sed -n '/^## Mappings/,/^## People/p' teams/README.md | awk -v home="$home" '
        /^```json/ { file = home "/" ++count ".json"; next }
        /^```/ { file = ""; next }
        file != "" { print >file }'
check 'the page has ten examples' test "$(ls "$home" | wc -l)" -eq 10
for i in 1 2 3 4 5 6 7 8 9 10; do
        check "example $i gives what it says" "$schakel" map-test "$home/$i.json"
done

run() { # JSON: its output and exit status
        printf '%s' "$1" | "$schakel" map-test - >"$home/out" 2>&1
        echo "exit $?" >>"$home/out"
}
says() {
        grep -qxF "$1" "$home/out" || { cat "$home/out"; return 1; }
}

run '{"template": {"a": "/call/b"}, "call": {"b": [1, "x"]}}'
check 'what comes out is printed' says '{"a":[1, "x"]}'
check 'that is exit status 0' says 'exit 0'
run '{"template": {"a": "/call/b"}, "call": {}}'
check 'what lacks is told with its place' says '/a: there is nothing at "/call/b", and no "$default"'
check 'that is exit status 1' says 'exit 1'
run '{"template": {"a": {"$form": 1}}}'
check 'a word that there is not is told' grep -q '^/a/$form: $form is not known' "$home/out"
run '{"template": "/cal/b"}'
check 'a source that there is not is told' grep -q 'a pointer into /call, /edition, /result' "$home/out"
run '[{"title": "one", "template": 1, "gives": 1.0}, {"title": "two", "template": 1, "gives": 2}, {"title": "three", "template": 1, "fails": true}]'
check 'a case that is right says so' says 'ok    one: 1'
check 'a case that is wrong says so' says 'wrong two: 1'
check 'what it was to give is shown' says '      it was to give 2'
check 'a case that was to fail is wrong' says '      it was to fail'
check 'one wrong case is exit status 1' says 'exit 1'
run '{"call": {}}'
check 'a file without a template is refused' grep -q 'there is no "template"' "$home/out"
run '{"template": }'
check 'what is no JSON is told with its place' grep -q 'line 1, column 14' "$home/out"
check 'JSON tells the same' test "$(printf '[{"title":"x","template":"/call","call":[1]},{"template":"/call"}]' |
        "$schakel" map-test --json -)" = '{"cases":[{"title":"x","ok":true,"out":[1]},{"ok":false,"pointer":"","text":"there is nothing at \"/call\", and no \"$default\""}]}'
finish
