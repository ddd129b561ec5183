#!/bin/sh
# `schakel plan`: what each chain needs, compared with what it was known to need; and what is asked wrongly. A cluster is
# asked in tests/integration/kafka_acl_test.sh.
#
# A chain that has changed: schakel plan -C CHAIN >tests/data/plans/NAME.text, and look at the difference.
set -u
. tests/support/checks.sh
schakel=${SCHAKEL:-schakel}
unset SCHAKEL_CHAIN SCHAKEL_LOG SCHAKEL_KAFKA_PROPERTIES
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pair=tests/data/chains/pair
said=$folder/said

same_as() { # FILE COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1 && diff -u "$expected" "$said"
}
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; return 1; }; }
plan() { "$schakel" plan -C $pair "$@"; }
plan_lines() { plan --json | sed 's/},{/},\n{/g'; }

for chain in tests/data/chains/* teams/*; do
        name=$(basename "$chain")
        [ -f "tests/data/plans/$name.text" ] || continue
        check "the plan of $name" same_as "tests/data/plans/$name.text" "$schakel" plan -C "$chain"
done
cp -r $pair "$folder/trial"
printf '{"name": "pair", "kafka": {"schakel.prefix": "trial."}}\n' >"$folder/trial/chain.json"
check 'rights are on groups and transactional ids with the prefix' status_of 0 "$schakel" plan -C "$folder/trial"
check 'a group' says 'trial.pair.provider'
sed 's/trial\.//g' "$said" >"$folder/without"
check 'and nothing else is different' diff -u tests/data/plans/pair.text "$folder/without"
check 'as commands' same_as tests/data/plans/pair.kafka-cli plan --format kafka-cli
check 'which a shell understands' sh -n tests/data/plans/pair.kafka-cli
check 'as resources of Strimzi' same_as tests/data/plans/pair.strimzi plan --format strimzi
check 'as JSON' same_as tests/data/plans/pair.json plan_lines
check 'the format json is the same' status_of 0 plan --format json
check 'to the byte' sh -c "'$schakel' plan -C $pair --json | cmp - '$said'"

check 'on two copies one of them may be away' status_of 0 plan --replication 2
check 'and no record waits for the other' says 'min.insync.replicas=1'
check 'principals are as the brokers name them' status_of 0 plan --link 'User:CN={team},O=x' --people 'User:{team}'
check 'of links' says 'User:CN=customer,O=x, its link'
check 'of people' says 'User:customer, its people'
check 'Strimzi has its own names' status_of 0 plan --format strimzi --strimzi-cluster my-cluster
check 'which are given' says 'strimzi.io/cluster: my-cluster'
check 'a local log needs nothing, and is no error' status_of 0 plan --log "local:$folder/log.db"
refute 'nor is it made' test -e "$folder/log.db"

for wrong in '--format xml' '--replication 0' '--link customer' '--link User:' '--people :x' '--strimzi-cluster A' \
        '--log kafka:' '--log nothing'; do
        # shellcheck disable=SC2086
        check "asked wrongly: $wrong" status_of 2 plan $wrong
done
check 'a principal that would end its quotes is refused' status_of 2 plan --link "User:a'; rm -rf /; '"
check 'a chain that is not there is told' status_of 1 "$schakel" plan -C "$folder"

# How links log in is said with the plan.
while read -r login text; do
        mkdir -p "$folder/$login/a"
        echo '{"consumer": true}' >"$folder/$login/a/team.json"
        case $login in
        certificate) properties='"security.protocol": "SSL"' ;;
        scram) properties='"security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512"' ;;
        plain) properties='"security.protocol": "sasl_ssl", "sasl.mechanisms": "PLAIN"' ;;
        other) properties='"security.protocol": "sasl_ssl", "sasl.mechanism": "OAUTHBEARER"' ;;
        esac
        echo "{\"name\": \"c\", \"kafka\": {$properties, \"sasl.password\": \"env:NONE\"}}" >"$folder/$login/chain.json"
        check "a login by $login" status_of 0 "$schakel" plan -C "$folder/$login" --format kafka-cli
        check 'is part of what to type' says "$text"
        refute 'no password is' grep -q 'env:NONE' "$said"
done <<X
certificate # User:a: a certificate whose subject
scram kafka-configs.sh --bootstrap-server "\$BOOTSTRAP" --command-config "\$ADMIN" --alter --entity-type users --entity-name 'a'
plain # User:a: user_a="..."
X

check 'apply wants a cluster' status_of 2 "$schakel" apply -C $pair
check 'a local log is none' status_of 2 "$schakel" apply -C $pair --log "local:$folder/log.db" --yes
check 'where nobody answers it is said' status_of 1 "$schakel" apply -C $pair --log kafka:127.0.0.1:1 --yes
check 'and why' says 'no broker answers'
echo 'hunter2' >"$folder/properties"
check 'a file that has no properties is told' status_of 1 "$schakel" plan -C $pair --log kafka:127.0.0.1:1 \
        --properties "$folder/properties"
check 'with its line' says 'properties:1: '
refute 'and without what stands there' grep -q hunter2 "$said"
finish
