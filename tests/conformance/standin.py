#!/usr/bin/env python3
"""A small provider and customer of the protocol, to try the kit on: as it has to be, or broken in one way.

    standin.py LOG --side provider|customer [--chain NAME] [--broken WAY]

It runs until it is ended. Ways to be broken, the first six as a provider, the others as a customer:
"""

import argparse
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "foreign"))

import logs
import protocol
from protocol import data_of, name_of

BREAKS = {
    "numbering": "every feedback has seqno 1",
    "twice": "a repeated raise is worked on again",
    "key": "feedback goes under the call's id instead of the reply key",
    "talkative": "what comes after the end is answered",
    "blind": "the standing does not tell what was seen",
    "careless": "what cannot be used is dropped without a dead letter",
    "chatty": "feedback is answered with a note",
    "confused": "answers and decisions name another number than the question or offer had",
    "retold": "a raise is repeated with another time",
    "forgetful": "feedback that cannot be used is dropped without a dead letter",
}


class Side:
    """What both have in common: events, dead letters, people. `step` does what there is to do now."""

    def __init__(self, log, chain, broken, team, other):
        self.log, self.chain, self.broken, self.team, self.other = log, chain, broken, team, other
        self.events = {}  # call: how many
        self.reads = []  # topics

    def step(self):
        for topic in self.reads:
            for record in self.log.read(topic, "standin"):
                self.take(record)

    def topic(self, name):
        return f"{self.chain}.{self.team}.{name}"

    def event(self, name, callid, **data):
        self.events[callid] = n = self.events.get(callid, 0) + 1
        headers = protocol.headers(f"event.{name}", f"{callid}/e/{n}", f"/{self.chain}/{self.team}", callid)
        value = {"now": protocol.now(), "cause": "standin", "n": n} | data
        self.log.append(self.topic("events"), callid, headers, json.dumps(value).encode())

    def outcome(self, record, status, code):
        h = record.headers
        told = {"work": h["ce_id"], "status": status, "code": code, "actor": h["ce_actor"], "message": name_of(record)}
        self.event("outcome", h["ce_callid"], **told)

    def why_not(self, record, source, key):
        """Why the record cannot be used; None: it can."""
        h = record.headers
        if record.key != h[key]:
            return "misrouted"
        if h["ce_source"] != f"/{self.chain}/{source}":
            return "wrong-source"
        if not h["ce_dataschema"].partition("/")[2].startswith("1."):
            return "bad-version"
        try:
            data_of(record)
        except ValueError:
            return "bad-data"
        return None

    def bury(self, record, reason, broken):
        if self.broken == broken:
            return
        more = {"schakel-dl-reason": reason, "schakel-dl-topic": record.topic}
        headers = record.headers | more
        self.log.append(self.topic("deadletter"), record.key, headers, record.value, record.partition)


# ---- the provider ----


class Call:
    """One call as its provider has it."""

    def __init__(self, raised, seqno):
        self.headers, self.value, self.data = raised.headers, raised.value, data_of(raised)
        self.state, self.seen, self.seqno = "accepted", 1, seqno
        self.forecast = self.question = self.offer = self.closing = None

    def standing(self):
        more = {"forecast": self.forecast, "question": self.question and {"seqno": self.question}, "offer": self.offer}
        known = {name: value for name, value in more.items() if value is not None}
        return {"state": self.state, "seen": self.seen, "type": self.data["type"]} | known


class Provider(Side):
    def __init__(self, log, chain="conformance", broken=None):
        super().__init__(log, chain, broken, "provider", "customer")
        self.calls = {}
        self.reads = [protocol.calls(self.chain, self.team, self.other), self.topic("work")]

    def take(self, record):
        if record.topic == self.topic("work"):
            return self.work(record)
        reason = self.why_not(record, self.other, "ce_callid")
        return self.bury(record, reason, "careless") if reason else self.message(record)

    def tell(self, record, name, seqno, data):
        h = record.headers
        if self.broken == "numbering":
            seqno = min(seqno, 1)
        back = {part: h[f"ce_{part}"] for part in ("replykey", "rootid", "hops", "agreement")}
        identity = f"{h['ce_callid']}/f/{seqno}"
        source = f"/{self.chain}/{self.team}"
        headers = protocol.headers(f"feedback.{name}", identity, source, h["ce_callid"], seqno=seqno, **back)
        key = h["ce_callid"] if self.broken == "key" else h["ce_replykey"]
        out = (protocol.feedback(self.chain, self.other, self.team), key, headers, json.dumps(data).encode())
        self.log.append(*out)
        return out

    def feed(self, call, name, **data):
        call.seqno += 1
        standing = call.standing() | ({"outcome": data["outcome"]} if name == "closed" else {})
        if self.broken == "blind":
            standing["seen"] = 1
        return self.tell(call, name, call.seqno, {"standing": standing} | data)

    def refuse(self, record, code, call=None):
        data = {"of": record.headers["ce_id"], "code": code, "text": code}
        if call is None:
            self.tell(record, "refused", 0, {"standing": None} | data)
        else:
            self.feed(call, "refused", **data)

    def close(self, call, outcome, **more):
        call.state, call.question, call.offer = "closed", None, None
        clock = {"elapsed_s": 0, "stopped_s": 0}
        call.closing = self.feed(call, "closed", outcome=outcome, clock=clock, **more)

    def message(self, record):
        name, callid = name_of(record).removeprefix("call."), record.headers["ce_callid"]
        call = self.calls.get(callid)
        if call is None:
            return self.open(record) if name == "raise" else self.refuse(record, "unknown-call")
        if name == "raise":
            return self.again(call, record)
        if call.closing:
            if name == "withdraw":
                self.log.append(*call.closing)
            elif self.broken == "talkative":
                self.refuse(record, "closed", call)
            return None
        seqno = int(record.headers["ce_seqno"])
        if seqno <= call.seen:
            return None
        call.seen = seqno
        return self.apply(call, record, name, data_of(record))

    def open(self, record, seqno=0):
        data = data_of(record)
        if not {"type", "facility", "need"} <= set(data):
            return self.refuse(record, "invalid")
        call = self.calls[record.headers["ce_callid"]] = Call(record, seqno)
        if data["facility"] not in ("facility", "by-hand"):
            return self.close(call, "declined", code="not-agreed")
        self.feed(call, "accepted", type=data["type"])
        if data["facility"] == "by-hand":
            place = {"activity": "operate.plan", "frame": 1, "visit": 3, "try": 1}
            return self.event("entered", record.headers["ce_callid"], how="manual", profile="operator", routine="", **place)
        if data["type"] != "wish":
            return self.close(call, "completed")
        call.state, call.offer = "waiting", call.seqno + 1
        return self.feed(call, "offer", agreement={})

    def again(self, call, record):
        if self.broken == "twice":
            return self.open(record, call.seqno)
        if call.closing:
            return self.log.append(*call.closing)
        if record.value != call.value:
            return self.refuse(record, "id-conflict", call)
        return self.feed(call, "progress", of=record.headers["ce_id"])

    def apply(self, call, record, name, data):
        if name == "withdraw":
            return self.close(call, "withdrawn", code="withdrawn")
        if name == "answer" and call.question == data["question"]:
            call.state, call.question = "working", None
            return self.event("answered", record.headers["ce_callid"], question=data["question"])
        if name == "decide" and call.offer != data["offer"]:
            return self.refuse(record, "no-offer", call)
        if name == "decide" and data["decision"] == "accept":
            return self.close(call, "completed")
        if name == "decide":
            return self.close(call, "declined", code="offer-refused")
        return None if name in ("note", "answer") else self.refuse(record, "unsupported", call)

    def work(self, record):
        call, data = self.calls.get(record.headers["ce_callid"]), data_of(record)
        name = name_of(record).removeprefix("work.")
        if call is None:
            return self.outcome(record, "refused", "unknown-call")
        if name == "question":
            call.state, call.question = "waiting", call.seqno + 1
            self.feed(call, "question", text=data["text"])
        elif name == "note" and "forecast" in data:
            call.forecast = data["forecast"]
            self.feed(call, "late", forecast=data["forecast"], reason=data["text"])
        elif name == "complete":
            self.close(call, "completed")
        return self.outcome(record, "done", "ok")


# ---- the customer ----


class Ask:
    """One call as its customer has it."""

    def __init__(self, raised):
        self.raised, self.seqno, self.seen, self.closed = raised, 1, 0, False
        self.asked, self.offered, self.answered = None, None, None


class Customer(Side):
    def __init__(self, log, chain="conformance", broken=None):
        super().__init__(log, chain, broken, "customer", "provider")
        self.asks = {}
        self.calls = protocol.calls(self.chain, self.other, self.team)
        self.feedback = protocol.feedback(self.chain, self.team, self.other)
        self.reads = [self.feedback, self.topic("work")]

    def take(self, record):
        if record.topic == self.topic("work"):
            return self.work(record)
        reason = self.why_not(record, self.other, "ce_replykey")
        if reason is None and (data_of(record)["standing"] or {}).get("state") == "sleeping":
            reason = "bad-data"
        return self.bury(record, reason, "forgetful") if reason else self.fed(record)

    def send(self, callid, name, seqno, data, when=None):
        attributes = {"seqno": seqno, "replykey": callid, "rootid": callid, "hops": 0, "agreement": protocol.AGREEMENT}
        source = f"/{self.chain}/{self.team}"
        headers = protocol.headers(f"call.{name}", f"{callid}/c/{seqno}", source, callid, **attributes)
        headers |= {"ce_time": when} if when else {}
        out = (self.calls, callid, headers, json.dumps(data).encode())
        self.log.append(*out)
        return out

    def say(self, callid, name, data):
        ask = self.asks[callid]
        ask.seqno += 1
        self.send(callid, name, ask.seqno, data)

    def fed(self, record):
        callid, seqno, name = record.headers["ce_callid"], int(record.headers["ce_seqno"]), name_of(record)
        ask, data = self.asks.get(callid), data_of(record)
        if ask is None:
            return self.event("unknown", callid)
        if ask.closed:
            return self.event("late", callid, message=name, ask=callid)
        if seqno <= ask.seen:
            return self.event("duplicate", callid, ask=callid)
        ask.seen = seqno
        standing = data["standing"] or {"state": "closed"}
        ask.asked, ask.offered = standing.get("question", {}).get("seqno"), standing.get("offer")
        ask.closed = standing["state"] == "closed"
        if self.broken == "chatty" and name == "feedback.progress":
            self.say(callid, "note", {"text": "Thank you."})
        if "of" in data and ask.answered and ask.answered[1].get("question") == ask.asked:
            self.say(callid, *ask.answered)
        return self.event("fed", callid, message=name, ask=callid, team=self.other)

    def answer(self, callid, data):
        ask, number = self.asks[callid], data["question"]
        shift = 1 if self.broken == "confused" else 0
        if number == ask.offered:
            ask.answered = ("decide", {"offer": number + shift, "decision": data["answer"]})
        else:
            ask.answered = ("answer", {"question": number + shift, "answer": data["answer"]})
        self.say(callid, *ask.answered)

    def work(self, record):
        callid, data = record.headers["ce_callid"], data_of(record)
        name = name_of(record).removeprefix("work.")
        if name in ("answer", "note", "withdraw") and callid not in self.asks:
            return self.outcome(record, "refused", "unknown-call")
        if name == "raise":
            raised = {member: value for member, value in data.items() if member != "to"}
            self.asks[callid] = Ask(self.send(callid, "raise", 1, raised))
        elif name == "answer":
            self.answer(callid, data)
        elif name == "note":
            self.say(callid, "note", {"text": data["text"]})
        elif name == "withdraw":
            self.say(callid, "withdraw", {"reason": data["reason"]})
        elif name == "resync":
            self.repeat()
        return self.outcome(record, "done", "ok")

    def repeat(self):
        for callid, ask in self.asks.items():
            if not ask.closed:
                headers, value = ask.raised[2:]
                when = None if self.broken == "retold" else headers["ce_time"]
                self.send(callid, "raise", 1, json.loads(value), when)


SIDES = {"provider": Provider, "customer": Customer}


def main():
    ways = "\n".join(f"    {name:10}  {text}" for name, text in BREAKS.items())
    parser = argparse.ArgumentParser(
        description=__doc__ + ways, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log")
    parser.add_argument("--side", choices=SIDES, default="provider")
    parser.add_argument("--chain", default="conformance")
    parser.add_argument("--broken", choices=BREAKS)
    given = parser.parse_args()
    standin = SIDES[given.side](logs.open_log(given.log), given.chain, given.broken)
    while True:
        standin.step()
        time.sleep(0.002)  # to look again


if __name__ == "__main__":
    main()
