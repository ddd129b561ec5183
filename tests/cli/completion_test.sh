#!/bin/sh
# The completion for bash, asked the way bash asks it.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
if ! command -v bash >/dev/null; then
        echo 'there is no bash'
        exit 77
fi

completes() { # EXPECTED WORD...: completing the last word offers EXPECTED
        bash -c 'eval "$("$1" completion bash)"
                expected=$2
                shift 2
                COMP_WORDS=(schakel "$@") COMP_CWORD=$#
                _schakel
                for word in "${COMPREPLY[@]}"; do [ "$word" = "$expected" ] && exit 0; done
                echo "offered: ${COMPREPLY[*]}"
                exit 1' - "$schakel" "$@"
}

for command in $("$schakel" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
        check "$command is offered" completes "$command" ''
        check "$command offers --help" completes --help "$command" -
done
check 'a beginning is enough' completes method met
refute 'another beginning is not' completes method x
check 'options are offered' completes --lang method --l
check 'a choice offers its values' completes nl method --lang ''
refute 'and nothing else' completes --json method --lang ''
"$schakel" completion fish >/dev/null 2>&1
check 'another shell is asked wrongly' test $? -eq 2
check 'the file to install works' bash -c 'PATH=$(dirname "$(command -v "$1")"):$PATH; . broker/cli/completion/schakel.bash; complete -p schakel' - "$schakel"
finish
