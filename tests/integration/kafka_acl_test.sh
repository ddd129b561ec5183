#!/bin/bash
# A real Kafka where nobody may do what he was not allowed: plan and apply, logins, and what happens without a right.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" # Kafka's tools are functions here, by their own names
set -u
. tests/support/checks.sh
for program in java mvn kcat openssl; do
        command -v $program >/dev/null || { echo "$program is not installed: no Kafka to test with"; exit 77; }
done
schakel version 2>/dev/null | grep -q librdkafka || { echo "built without librdkafka"; exit 77; }

unset SCHAKEL_CHAIN SCHAKEL_LOG SCHAKEL_TEAM SCHAKEL_PERSON SCHAKEL_KAFKA_PROPERTIES
folder=$(mktemp -d)
kafka() { deploy/kafka/kafka --dir "$folder/kafka" "$@"; }
end() {
        kill -KILL $(cat "$folder"/*.supervisor "$folder"/*.pid 2>/dev/null) 2>/dev/null
        kafka down
        rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM
kafka up --acl --attached --user provider || exit 1
address=$(kafka address)
log=kafka:$address
export BOOTSTRAP=$address ADMIN=$folder/kafka/admin.properties
kafka-topics.sh() { kafka tool kafka-topics.sh "$@"; }
kafka-acls.sh() { kafka tool kafka-acls.sh "$@"; }
kafka-configs.sh() { kafka tool kafka-configs.sh "$@"; }
said=$folder/said
secret=not-to-be-seen-anywhere

says() { grep -qF -- "$1" "${2:-$said}" 2>/dev/null || { cat "${2:-$said}"; return 1; }; }
status_of() { # STATUS COMMAND...
        expected=$1
        shift
        "$@" >"$said" 2>&1 </dev/null
        got=$?
        [ $got -eq "$expected" ] || { echo "exit status $got"; cat "$said"; return 1; }
}
refute_says() { ! grep -qF -- "$1" "$2"; }
no_secret() { ! grep -rnF -e $secret -e provider-password "$folder"/*.out "$folder"/said "$folder"/late; }
wait_until() {
        until "$@"; do
                sleep 0.05 # to look again, not to be in time
        done
}
chain_make() { # FROM NAME
        cp -r "$1" "$folder/$2"
        cat >"$folder/$2/chain.json" <<-X
		{"name": "$2", "partitions": 2, "kafka": {"security.protocol": "ssl",
		  "ssl.ca.location": "$folder/kafka/keys/ca.crt",
		  "ssl.certificate.location": "$folder/kafka/keys/{team}.crt",
		  "ssl.key.location": "$folder/kafka/keys/{team}.key"}}
	X
}
as_admin() { # COMMAND CHAIN OPTION...
        schakel "$1" -C "$folder/$2" --log "$log" --properties "$folder/admin" "${@:3}"
}
records_in() { # TOPIC: how many there are
        kcat -b "$address" $(sed 's/^/-X /' "$folder/admin") -C -t "$1" -e -q -f '%k\n' 2>/dev/null | wc -l
}
kafka user admin >"$folder/admin"
for user in customer provider customer-people provider-people; do
        kafka user $user >"$folder/$user"
done

# ---- an empty cluster becomes one that fits ----

chain_make tests/data/chains/pair pair
check 'a plan for links is not asked for with the login of one' status_of 1 schakel plan -C "$folder/pair" --log "$log"
check 'which says how to have one of its own' says SCHAKEL_KAFKA_PROPERTIES
check 'an empty cluster does not fit' status_of 1 as_admin plan pair
check 'everything is lacking' says '12 of 12 topics and 26 of 26 rights are lacking'
check 'without a terminal nothing is made unasked' status_of 2 as_admin apply pair
check 'how to agree is said' says '--yes'
on_terminal() { # ANSWER COMMAND...: as typed; `script` makes the terminal
        typed=$1
        shift
        printf '%s\n' "$typed" | script -qec "schakel $* --log $log --properties $folder/admin" /dev/null >"$said" 2>&1
}
refute 'on a terminal it asks' on_terminal n apply -C "$folder/pair"
check 'with how much it is about' says 'make 12 topics and give 26 rights?'
check 'and takes no for an answer' says 'nothing was changed'
check 'what can be made is made; for the rest it is not good yet' status_of 1 as_admin apply pair --yes
check 'all of it was made once' says '36 made, 0 deleted, 0 failed'
check 'a link without its right is found by trying' says 'link of customer: is refused'
grep -A1 '^kafka-acls.sh' "$said" >"$folder/commands"
check 'what is left can be typed as printed' . "$folder/commands"
check 'then it is good' status_of 0 as_admin apply pair --yes
check 'links have tried it' says 'link of provider: logs in, and may have transactions'
check 'and nothing was made again' says '0 made'
check 'the plan says so too' status_of 0 as_admin plan pair --json
check 'for programs as well' says '"fits":true'

# ---- what is there is compared, and not touched ----

mkdir -p "$folder/bare/alone"
echo '{"consumer": true}' >"$folder/bare/alone/team.json"
chain_make "$folder/bare" solo
{
        kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN" --create --topic solo.alone.work \
                --partitions 3 --config retention.ms=60000
        kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN" --create --topic solo.gone.work
        kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN" --add --allow-principal User:alone \
                --operation Write --topic solo.alone.work
} >/dev/null 2>&1
schakel plan -C "$folder/solo" --format kafka-cli --replication 1 >"$folder/commands"
check 'all commands can be typed as printed' . "$folder/commands"
check 'what was there otherwise still is' status_of 1 as_admin plan solo
check 'the number of partitions is told' says 'solo.alone.work  has 3 partitions, not 2'
check 'what is kept too short is told' says 'retention.ms is 60000, not at least 1209600000'
check 'so is what is not needed' says 'solo.gone.work  is not needed'
check 'and a right too many' says 'User:alone: Write topic solo.alone.work  is not needed'
check 'nothing else' says '0 of 5 topics and 0 of 11 rights are lacking'
check 'nothing is deleted for a wrong name' status_of 1 as_admin apply solo --yes --prune --confirm sole
check 'which is said' says 'not the name of the chain'
refute 'what is to be deleted is asked for on a terminal' on_terminal sole apply -C "$folder/solo" --prune --yes
check 'by its name' says 'type the name of the chain:'
check 'a wrong one deletes nothing there either' says 'nothing was changed'
check 'nor without a name where nobody can be asked' status_of 2 as_admin apply solo --yes --prune
check 'with it what is not needed goes' status_of 1 as_admin apply solo --yes --prune --confirm solo
check 'and that only' says '0 made, 2 deleted, 0 failed'
check 'settings are left alone' says 'retention.ms is 60000'

# ---- links log in ----

link_start() { # NAME TEAM OPTION...: runs again when it ends with 75, as a service does
        mkdir -p "$folder/state"
        (
                while :; do
                        schakeld -C "$folder/pair" --team "$2" --log "$log" --state "$folder/state/$1" --instance "$1" \
                                --log-format json --http 127.0.0.1:0 "${@:3}" >>"$folder/$1.out" 2>&1 &
                        echo $! >"$folder/$1.pid"
                        wait $!
                        [ $? -eq 75 ] || exit
                done
        ) &
        echo $! >"$folder/$1.supervisor"
        disown
        wait_until test -s "$folder/$1.pid"
}
link_stop() { # NAME
        kill -TERM "$(cat "$folder/$1.pid")"
        wait_until says '"ended"' "$folder/$1.out" >/dev/null
        rm "$folder/$1.out" "$folder/$1.pid"
}
plain() { # NAME PASSWORD MECHANISM: properties
        echo "$2" >"$folder/$1.password"
        cat <<-X
		security.protocol=sasl_ssl
		sasl.mechanism=$3
		sasl.username=$1
		sasl.password=file:$folder/$1.password
		ssl.certificate.location=
		ssl.key.location=
	X
}
people() { # TEAM COMMAND...: as one of its people
        SCHAKEL_KAFKA_PROPERTIES=$folder/$1-people SCHAKEL_CHAIN=$folder/pair SCHAKEL_LOG=$log schakel "${@:2}"
}
with_password=kafka:$(kafka address password)
plain provider provider-password PLAIN >"$folder/provider-plain"
plain guest $secret PLAIN >"$folder/wrong"
plain rover $secret SCRAM-SHA-256 >"$folder/scram"
link_start wrong customer --log "$with_password" --properties "$folder/wrong"
link_start scram customer --log "$with_password" --properties "$folder/scram"
link_start customer customer
link_start provider provider --log "$with_password" --properties "$folder/provider-plain"
wait_until says '"ready"' "$folder/customer.out" >/dev/null
wait_until says '"ready"' "$folder/provider.out" >/dev/null
check 'a certificate and a password over TLS both do' says '"ready"' "$folder/provider.out"
check 'that nobody signs yet is said' says 'accepted unsigned' "$folder/customer.out"
call() { people customer call --as customer --to provider --type incident --facility facility --need x "$@"; }
check 'people may raise a call, and follow it to its end' status_of 0 call --wait
check 'it went its way' says 'closed     completed'

# ---- nobody may more than he must ----

may_not_write() { # PRINCIPAL TOPIC
        before=$(records_in "$2")
        ! kcat -b "$address" $(sed 's/^/-X /' "$folder/$1") -P -t "$2" -k x <<<"{}" 2>"$said" &&
                says 'authorization failed' && [ "$(records_in "$2")" -eq "$before" ]
}
may_not_read() { # PRINCIPAL TOPIC
        ! kcat -b "$address" $(sed 's/^/-X /' "$folder/$1") -C -t "$2" -e -q >"$said" 2>&1 && says 'authorization failed'
}
while read -r what who topic; do
        check "$who may not $what $topic" may_not_$what "$who" "$topic"
done <<X
write customer pair.customer.feedback.provider
write customer pair.customer.work
write customer pair.provider.work
write customer pair.provider.journal
write provider pair.provider.calls.customer
write customer-people pair.customer.journal
write customer-people pair.customer.events
write customer-people pair.provider.calls.customer
read customer pair.provider.calls.customer
read customer pair.provider.events
read customer pair.customer.archive
read provider pair.customer.work
read customer-people pair.provider.archive
X
check 'who acts for another team is told why not' status_of 1 people customer call --as provider --to provider \
        --type incident --facility facility --need x
check 'with the topic' says 'pair.provider.work'
check 'a link may not act as a person either' status_of 1 env SCHAKEL_KAFKA_PROPERTIES="$folder/customer" schakel call \
        -C "$folder/pair" --log "$log" --as customer --to provider --type incident --facility facility --need x
check 'which is said' says 'authorization failed'

# A right that goes away while a link works.
acl() { # ADD-OR-REMOVE
        kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN" "$@" --allow-principal User:customer \
                --operation Write --topic pair.provider.calls.customer >/dev/null 2>&1
}
before=$(records_in pair.provider.calls.customer)
acl --remove --force
call --wait --timeout 300s >"$folder/late" 2>&1 &
late=$!
wait_until says 'Topic authorization failed' "$folder/customer.out" >/dev/null
check 'a link that lost a right says where' says 'pair.provider.calls.customer' "$folder/customer.out"
check 'nobody else sees anything of it' test "$(records_in pair.provider.calls.customer)" -eq "$before"
acl --add
wait $late
check 'with the right it goes on where it was' says 'closed     completed' "$folder/late"
check 'the call was sent once' test "$(records_in pair.provider.calls.customer)" -eq $((before + 1))

# ---- topics that would lose something ----

set_topic() { # TOPIC SETTING
        kafka-configs.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN" --alter --topic "$1" --add-config "$2" \
                >/dev/null 2>&1
}
link_stop provider
set_topic pair.provider.work retention.ms=60000
link_start provider provider
wait_until says '"ready"' "$folder/provider.out" >/dev/null
check 'what is kept shorter than records are accepted is said' says 'pair.provider.work has retention.ms=60000' \
        "$folder/provider.out"
link_stop provider
set_topic pair.provider.journal cleanup.policy=delete
link_start provider provider
wait_until says 'cleanup.policy=delete' "$folder/provider.out" >/dev/null
check 'a journal that is not compacted keeps a link from starting' says 'pair.provider.journal' "$folder/provider.out"
as_admin plan pair --format kafka-cli >"$folder/commands"
check 'what repairs it can be typed as printed' . "$folder/commands"
wait_until says '"ready"' "$folder/provider.out" >/dev/null
check 'then the link starts' says '"ready"' "$folder/provider.out"
check 'nothing is otherwise any more' status_of 0 as_admin plan pair

# ---- who is not let in ----

refused() { grep -c 'refuse the login' "$folder/$1.out"; }
wait_until says 'refuse the login' "$folder/wrong.out" >/dev/null
check 'a wrong password is told once, however often it is tried' test "$(refused wrong)" -eq 1
check 'with what to do' says 'sasl.password' "$folder/wrong.out"
check 'such a link is not ready' refute_says '"ready"' "$folder/wrong.out"
if schakel version | grep -qE 'librdkafka +(2\.[0-5]\.|2\.6\.0|1\.)'; then
        check 'that SCRAM cannot work is said beforehand' says 'logging in with SCRAM' "$folder/scram.out"
        wait_until says 'refuse the login' "$folder/scram.out" >/dev/null
        check 'and when it does not' says 'although the password is right' "$folder/scram.out"
else
        skip 'SCRAM of this librdkafka is right'
fi
check 'no secret is in anything that was printed' no_secret
finish
