#!/usr/bin/env python3
"""Plays a customer and a provider against an implementation of the protocol, and says rule by rule what holds.

    kit.py LOG [--chain NAME] [--customer TEAM] [--provider TEAM] [--side provider|customer] [--json]

LOG is kafka:HOST:PORT (or local:FILE). What is tried speaks for one team: with `--side provider` for the one that serves
the kit, with `--side customer` for the one that calls it. A provider has to end a service request about the facility
`facility` by itself; a customer has to raise what a `work.raise` on its topic asks for. Exit status 1: a rule fails.
"""

import argparse
import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "foreign"))

import logs
import protocol
from protocol import Broken, data_of, name_of, require

FACILITY = "facility"


class Kit:
    """The kit's end of a chain: what it wrote, what it read, and how long it waits."""

    def __init__(self, log, chain, customer, provider, patience=60, step=None):
        self.log, self.chain, self.customer, self.provider = log, chain, customer, provider
        self.patience, self.step = patience, step or (lambda: time.sleep(0.002))  # to look again
        self.calls = protocol.calls(chain, provider, customer)
        self.feedback = protocol.feedback(chain, customer, provider)
        self.seen = collections.defaultdict(list)  # call: records from the other side
        self.rules = []

    def read(self, topic):
        for record in self.log.read(topic, "kit"):
            self.seen[record.headers.get("ce_callid")].append(record)

    def wait(self, topic, callid, what, fits):
        """The records about a call, up to the first that fits."""
        deadline = time.monotonic() + self.patience
        while True:
            for at, record in enumerate(self.seen[callid]):
                if fits(record):
                    return self.seen[callid][: at + 1]
            require(time.monotonic() < deadline, f"{what} did not come; of this call: {self.seen[callid][-2:]}")
            self.step()
            self.read(topic)

    # As a customer.

    def send(self, callid, seqno, name, data, **other):
        attributes = {
            "seqno": seqno,
            "replykey": callid,
            "rootid": callid,
            "hops": 0,
            "agreement": protocol.AGREEMENT,
        }
        source = f"/{self.chain}/{self.customer}"
        headers = protocol.headers(f"call.{name}", f"{callid}/c/{seqno}", source, callid, **(attributes | other))
        record = (self.calls, callid, headers, json.dumps(data).encode())
        self.log.append(*record)
        return record

    def open(self, **other):
        callid = other.pop("callid", None) or protocol.new_id()
        data = {"type": "service-request", "facility": FACILITY, "need": "A thing."}
        return callid, self.send(callid, 1, "raise", data, **other)

    def closed(self, callid, times=1):
        closings = lambda: [r for r in self.seen[callid] if name_of(r) == "feedback.closed"]
        self.wait(self.feedback, callid, f"feedback.closed ({times})", lambda _: len(closings()) >= times)
        return self.seen[callid], closings()

    def rule(self, name, text, holds):
        """Runs one; what is broken is told and the next goes on."""
        try:
            holds(self)
            why = None
        except Broken as broken:
            why = str(broken)
        except (KeyError, ValueError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
        self.rules.append({"rule": name, "text": text, "holds": why is None} | ({"why": why} if why else {}))


# ---- a provider ----


def ends(kit):
    records, closings = kit.closed(kit.open()[0])
    require(data_of(closings[0])["outcome"] == "completed", "not completed", closings[0])
    require(name_of(records[0]) in ("feedback.accepted", "feedback.closed"), "the first answer", records[0])


def has_attributes(kit):
    for record in kit.closed(kit.open()[0])[0]:
        protocol.check_between(record, kit.chain, kit.log.partitions)


def numbers(kit):
    records, _ = kit.closed(kit.open()[0])
    seqnos = [int(record.headers["ce_seqno"]) for record in records]
    require(seqnos == list(range(1, len(seqnos) + 1)), f"numbered {seqnos}")


def returns(kit):
    replykey, rootid = protocol.new_id(), protocol.new_id()
    callid, _ = kit.open(replykey=replykey, rootid=rootid, hops=3, agreement="0123456789abcdef" * 2)
    for record in kit.closed(callid)[0]:
        h = record.headers
        require(record.key == replykey == h["ce_replykey"], "key", record)
        require(record.partition == protocol.partition(replykey, kit.log.partitions), "partition", record)
        require(h["ce_rootid"] == rootid and h["ce_hops"] == "3", "root and hops", record)
        require(h["ce_agreement"] == "0123456789abcdef" * 2, "agreement", record)


def stands(kit):
    records, _ = kit.closed(kit.open()[0])
    for record in records:
        standing = data_of(record)["standing"]
        require(standing["seen"] == 1 and standing["type"] == "service-request", "standing", record)
    last = data_of(records[-1])
    require(last["standing"]["state"] == "closed", "closed last", records[-1])
    require(last["standing"]["outcome"] == last["outcome"], "outcome", records[-1])


def repeats(kit):
    callid, record = kit.open()
    _, closings = kit.closed(callid)
    kit.log.append(*record)
    _, closings = kit.closed(callid, 2)
    first, second = closings[0], closings[1]
    require(first.headers["ce_id"] == second.headers["ce_id"], "another id", second)
    require(first.headers["ce_seqno"] == second.headers["ce_seqno"], "another seqno", second)
    require(data_of(first)["outcome"] == data_of(second)["outcome"], "another outcome", second)


def closes_once(kit):
    callid, record = kit.open()
    kit.log.append(*record)
    kit.log.append(*record)
    kit.closed(callid)
    marker, _ = kit.open(callid=sibling(kit, callid))
    kit.closed(marker)  # same partition, written later: what the repetitions gave has come
    ids = {r.headers["ce_seqno"] for r in kit.seen[callid] if name_of(r) == "feedback.closed"}
    require(len(ids) == 1, f"closed under seqnos {sorted(ids)}")


def sibling(kit, callid):
    """A new id on the same partition."""
    while True:
        other = protocol.new_id()
        if protocol.partition(other, kit.log.partitions) == protocol.partition(callid, kit.log.partitions):
            return other


def refuses_unknown(kit):
    callid = protocol.new_id()
    kit.send(callid, 1, "note", {"text": "Of what?"})
    record = kit.wait(kit.feedback, callid, "feedback.refused", lambda r: name_of(r) == "feedback.refused")[-1]
    data = data_of(record)
    require(data["code"] == "unknown-call" and data["standing"] is None, "code", record)
    require(record.headers["ce_seqno"] == "0" and data["of"] == f"{callid}/c/1", "seqno and of", record)


def refuses_misfit(kit):
    callid = protocol.new_id()
    kit.send(callid, 1, "raise", {"type": "service-request", "facility": FACILITY})
    fits = lambda r: name_of(r) == "feedback.refused" and data_of(r)["code"] == "invalid"
    kit.wait(kit.feedback, callid, "feedback.refused invalid", fits)


def declines_risk(kit):
    callid = protocol.new_id()
    kit.send(callid, 1, "raise", {"type": "service-request", "facility": "nothing-of-the-kind", "need": "A thing."})
    records, closings = kit.closed(callid)
    require(data_of(closings[0])["outcome"] == "declined", "not declined", records[-1])


def ignores_more(kit):
    callid = protocol.new_id()
    data = {"type": "service-request", "facility": FACILITY, "need": "A thing.", "colour": "red"}
    kit.send(callid, 1, "raise", data, flavour="sweet")
    require(data_of(kit.closed(callid)[1][0])["outcome"] == "completed", "not completed")


PROVIDER = [
    ("ends", "a call is answered, and ends completed", ends),
    ("attributes", "feedback has all attributes, the right key, partition and writer, and fits its schema", has_attributes),
    ("numbering", "feedback on a call is numbered 1, 2, 3 without a gap", numbers),
    ("returned", "reply key, root, hops and agreement come back as they went", returns),
    ("standing", "every feedback has the standing; the last says closed and the outcome", stands),
    ("repeated-raise", "a raise repeated after the end brings the same closed again", repeats),
    ("closed-once", "a call that is raised three times at once is closed under one number", closes_once),
    ("unknown-call", "a message about no call is refused with seqno 0", refuses_unknown),
    ("misfit", "a raise that does not fit its schema is refused as invalid", refuses_misfit),
    ("not-agreed", "a call about what is not agreed is declined", declines_risk),
    ("unknown-members", "members and attributes that it does not know change nothing", ignores_more),
]


# ---- a customer ----


def ask(kit):
    """Has the customer raise a call; the kit is its provider."""
    callid = protocol.new_id()
    headers = protocol.headers("work.raise", protocol.new_id(), f"/{kit.chain}/{kit.customer}", callid, actor="kit")
    data = {"to": kit.provider, "type": "service-request", "facility": FACILITY, "need": "A thing."}
    kit.log.append(f"{kit.chain}.{kit.customer}.work", callid, headers, json.dumps(data).encode())
    return kit.wait(kit.calls, callid, "call.raise", lambda r: name_of(r) == "call.raise")[-1]


def answer(kit, raised, seqno, name, state, data, **standing):
    h = raised.headers
    back = {part: h[f"ce_{part}"] for part in ("replykey", "rootid", "hops", "agreement")}
    identity = f"{h['ce_callid']}/f/{seqno}"
    source = f"/{kit.chain}/{kit.provider}"
    headers = protocol.headers(f"feedback.{name}", identity, source, h["ce_callid"], seqno=seqno, **back)
    value = {"standing": {"state": state, "seen": 1, "type": "service-request"} | standing} | data
    kit.log.append(kit.feedback, h["ce_replykey"], headers, json.dumps(value).encode())


def end(kit, raised, seqno):
    clock = {"elapsed_s": 1, "stopped_s": 0}
    answer(kit, raised, seqno, "closed", "closed", {"outcome": "completed", "clock": clock}, outcome="completed")


def raises(kit):
    raised = ask(kit)
    protocol.check_between(raised, kit.chain, kit.log.partitions)
    require(raised.headers["ce_seqno"] == "1" and raised.headers["ce_hops"] == "0", "seqno and hops", raised)
    require(raised.headers["ce_rootid"] == raised.headers["ce_callid"], "root", raised)
    require(data_of(raised)["facility"] == FACILITY and data_of(raised)["need"] == "A thing.", "data", raised)
    answer(kit, raised, 1, "accepted", "accepted", {"type": "service-request"})
    end(kit, raised, 2)


def is_silent(kit):
    """Feedback is not answered: after it, and what comes of a call raised later, nothing is there about the first."""
    first = ask(kit)
    answer(kit, first, 1, "accepted", "accepted", {"type": "service-request"})
    answer(kit, first, 1, "accepted", "accepted", {"type": "service-request"})
    end(kit, first, 2)
    end(kit, ask(kit), 1)
    count = len(kit.seen[first.headers["ce_callid"]])
    require(count == 1, f"{count - 1} messages in answer to feedback")


def takes_standing(kit):
    raised = ask(kit)
    answer(kit, raised, 5, "greeting", "working", {})
    end(kit, raised, 7)


CUSTOMER = [
    ("raise", "what people ask for is raised, with all attributes", raises),
    ("silence", "feedback is never answered with a message", is_silent),
    ("gaps", "a gap and a message that it does not know do not stop it", takes_standing),
]


def run(kit, rules):
    for name, text, holds in rules:
        kit.rule(name, text, holds)
    return kit.rules


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--chain", default="pair")
    parser.add_argument("--customer", default="customer")
    parser.add_argument("--provider", default="provider")
    parser.add_argument("--side", choices=("provider", "customer"), default="provider", help="what is tried")
    parser.add_argument("--patience", type=float, default=60, help="seconds until an answer counts as missing")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    kit = Kit(logs.open_log(given.log), given.chain, given.customer, given.provider, given.patience)
    rules = run(kit, PROVIDER if given.side == "provider" else CUSTOMER)
    failed = sum(not rule["holds"] for rule in rules)
    if given.json:
        print(json.dumps({"ok": failed == 0, "rules": rules}))
    else:
        for rule in rules:
            print(f"{'holds' if rule['holds'] else 'FAILS'}  {rule['rule']:16}  {rule['text']}")
            if not rule["holds"]:
                print(f"       {rule['why']}")
        print(f"{len(rules) - failed} rules hold, {failed} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
