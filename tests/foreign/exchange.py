#!/usr/bin/env python3
"""A client and a supplier that are no links exchange every message of the catalogue with a link between them.

    exchange.py LOG      LOG is local:FILE or kafka:HOST:PORT; the link of the team "desk" of tests/foreign/chain runs on it
"""

import base64
import collections
import json
import sys
import time

import logs
import protocol
from protocol import data_of, name_of, require

CHAIN = "foreign"
EVENTS = f"{CHAIN}.desk.events"
PATIENCE_S = 300  # a bound for what has gone wrong; nothing waits that long


class World:
    """All that is written and read."""

    def __init__(self, log):
        self.log = log
        self.sent, self.got = collections.defaultdict(set), collections.defaultdict(set)  # topic: names of messages
        self.done = set()  # names of `work` that was done
        self.inbox = collections.defaultdict(list)  # topic: records not taken yet
        self.last = collections.Counter()  # (topic, call): seqno
        self.outcomes = []

    def send(self, topic, key, headers, value):
        self.sent[topic].add(headers["ce_type"].removeprefix("schakel."))
        self.log.append(topic, key, headers, json.dumps(value).encode())

    def read(self, topic):
        for record in self.log.read(topic):
            if ".calls." in topic or ".feedback." in topic:
                self.check(record)
            elif not topic.endswith(".deadletter"):
                protocol.check_own(record, CHAIN, self.log.partitions)
            self.got[topic].add(name_of(record))
            self.inbox[topic].append(record)

    def check(self, record):
        protocol.check_between(record, CHAIN, self.log.partitions)
        at = (record.topic, record.headers["ce_callid"])
        seqno = int(record.headers["ce_seqno"])
        if seqno > 0 and seqno > self.last[at]:
            require(seqno == self.last[at] + 1, "numbering", record)
            self.last[at] = seqno

    def take(self, topic, what, fits):
        """The first record that fits; those before it are passed over."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            for at, record in enumerate(self.inbox[topic]):
                if fits(record):
                    del self.inbox[topic][at]
                    return record
            require(time.monotonic() < deadline, f"waited in vain for {what} on {topic}: {self.inbox[topic][-3:]}")
            self.read(topic)
            time.sleep(0.002)  # to look again

    def happens(self, name, callid):
        """The next event of that name about a call."""
        record = self.take(
            EVENTS, f"event.{name}", lambda r: name_of(r) == f"event.{name}" and r.key == callid
        )
        return data_of(record)

    # People of the desk, who write to its topic `work`.

    def work(self, name, callid, data, actor="dora", status="done"):
        identity = protocol.new_id()
        headers = protocol.headers(f"work.{name}", identity, f"/{CHAIN}/desk", callid, actor=actor)
        self.send(f"{CHAIN}.desk.work", callid, headers, data)
        outcome = data_of(
            self.take(
                EVENTS,
                f"the outcome of {name}",
                lambda r: name_of(r) == "event.outcome" and data_of(r)["work"] == identity,
            )
        )
        require(status is None or outcome["status"] == status, f"{name}: {outcome}")
        self.outcomes.append(f"{name} {outcome['status']} {outcome['code']}")
        if outcome["status"] == "done":
            self.done.add(f"work.{name}")
        return outcome

    def entered(self, callid):
        """The task that waits for people now, activity and visit; None, None: the call is closed."""

        def fits(r):
            is_task = name_of(r) == "event.entered" and data_of(r)["how"] == "manual"
            return r.key == callid and (is_task or name_of(r) == "event.closed")

        data = data_of(self.take(EVENTS, "a task", fits))
        return data.get("activity"), data.get("visit")

    def do(self, callid, until):
        """Tasks are done as they come, up to the one named; its visit. None: to the end."""
        while True:
            activity, visit = self.entered(callid)
            if activity == until:
                return visit
            require(activity, f"the call was closed before {until}")
            self.work("claim", callid, {"visit": visit})
            self.work("complete", callid, {"visit": visit, "outcome": "completed", "result": {}})


class Client:
    """One call of a customer without a link."""

    def __init__(self, world, kind, need="The till is stuck."):
        self.world, self.id, self.seqno = world, protocol.new_id(), 0
        self.topic = protocol.calls(CHAIN, "desk", "client")
        self.back = protocol.feedback(CHAIN, "client", "desk")
        self.raised = self.send("raise", {"type": kind, "facility": "till", "need": need})

    def send(self, name, data):
        self.seqno += 1
        headers = protocol.headers(
            f"call.{name}",
            f"{self.id}/c/{self.seqno}",
            f"/{CHAIN}/client",
            self.id,
            seqno=self.seqno,
            replykey=self.id,
            rootid=self.id,
            hops=0,
            agreement=protocol.AGREEMENT,
        )
        self.world.send(self.topic, self.id, headers, data)
        return headers, data

    def get(self, name):
        record = self.world.take(
            self.back, f"feedback.{name}", lambda r: r.key == self.id and name_of(r) == f"feedback.{name}"
        )
        require(record.headers["ce_agreement"] == protocol.AGREEMENT, "the agreement comes back", record)
        require(record.headers["ce_rootid"] == self.id and record.headers["ce_hops"] == "0", "root", record)
        return data_of(record), record


class Supplier:
    """One call that the desk's link has raised with a provider without a link."""

    def __init__(self, world, callid):
        self.world, self.id, self.seqno = world, callid, 0
        self.topic = protocol.calls(CHAIN, "supplier", "desk")
        self.back = protocol.feedback(CHAIN, "desk", "supplier")
        self.seen = 0
        self.raised = self.get("raise")
        self.type = data_of(self.raised)["type"]

    def get(self, name):
        record = self.world.take(
            self.topic, f"call.{name}", lambda r: r.key == self.id and name_of(r) == f"call.{name}"
        )
        self.seen = int(record.headers["ce_seqno"])
        return record

    def send(self, name, state, data, **standing):
        self.seqno += 1
        h = self.raised.headers
        headers = protocol.headers(
            f"feedback.{name}",
            f"{self.id}/f/{self.seqno}",
            f"/{CHAIN}/supplier",
            self.id,
            seqno=self.seqno,
            **{name: h[f"ce_{name}"] for name in ("replykey", "rootid", "hops", "agreement")},
        )
        value = {"standing": {"state": state, "seen": self.seen, "type": self.type} | standing} | data
        self.world.send(self.back, h["ce_replykey"], headers, value)
        return self.seqno

    def arrived(self, name):
        """Waits until the link has taken it in."""
        self.world.take(
            EVENTS,
            f"feedback.{name} at the desk",
            lambda r: name_of(r) == "event.fed" and r.key == self.id and data_of(r)["message"] == f"feedback.{name}",
        )


def as_customer(world):
    call = Client(world, "service-request")
    visit = world.do(call.id, "operate.accept")
    world.work("claim", call.id, {"visit": visit})
    world.work("release", call.id, {"visit": visit})
    world.work("claim", call.id, {"visit": visit}, actor="dirk")
    world.work("save", call.id, {"visit": visit, "result": {"seen": True}}, actor="dirk")
    world.work("ask", call.id, {"visit": visit, "text": "Have you seen this before?", "to": "dora"}, actor="dirk")
    consulted = world.take(EVENTS, "consulted", lambda r: name_of(r) == "event.consulted")
    world.work("advise", call.id, {"advice": data_of(consulted)["advice"], "text": "Often."})
    world.work("assign", call.id, {"visit": visit, "to": "dora"}, actor="dirk")
    world.work("appoint", call.id, {"visit": visit, "to": "dora"})
    world.work("complete", call.id, {"visit": visit, "outcome": "completed"})
    accepted, _ = call.get("accepted")
    require(accepted["standing"]["seen"] == 1 and accepted["standing"]["promise"], f"accepted: {accepted}")

    visit = world.do(call.id, "operate.plan")
    world.work("classify", call.id, {"priority": 2, "reason": "They wait."})
    world.work("reissue", call.id, {"visit": visit, "reason": "Once more."})
    visit = world.do(call.id, "operate.plan")
    world.work("claim", call.id, {"visit": visit})
    world.work("note", call.id, {"text": "We are at it.", "to": "customer"})
    call.get("progress")
    world.work("note", call.id, {"text": "It takes a part.", "forecast": protocol.now(10 * 86400)})
    late, _ = call.get("late")
    require(late["forecast"] > protocol.now(9 * 86400), f"late: {late}")

    world.work("question", call.id, {"visit": visit, "text": "Which till?"})
    question, record = call.get("question")
    require(question["standing"]["state"] == "waiting", f"question: {question}")
    call.send("answer", {"question": int(record.headers["ce_seqno"]), "answer": "The left one."})
    call.send("note", {"text": "It beeps."})
    world.happens("noted", call.id)

    call.send("greet", {})
    refused, _ = call.get("refused")
    require(refused["code"] == "unsupported" and refused["of"].endswith("/c/4"), f"refused: {refused}")
    world.sent[call.topic].discard("call.greet")
    headers, data = call.raised
    world.send(call.topic, call.id, headers, data)
    repeated, _ = call.get("progress")
    require(repeated["of"] == headers["ce_id"] and repeated["standing"]["seen"] == 4, f"repeated: {repeated}")

    world.work("complete", call.id, {"visit": visit, "outcome": "completed"})
    world.do(call.id, None)
    closed, record = call.get("closed")
    require(closed["outcome"] == "completed" == closed["standing"]["outcome"], f"closed: {closed}")
    world.send(call.topic, call.id, headers, data)
    again, repeat = call.get("closed")
    same = [(one["outcome"], one["standing"]["outcome"], one["standing"]["seen"]) for one in (closed, again)]
    require(same[0] == same[1] and "resultref" in again, f"closed again: {again}")
    require(repeat.headers["ce_seqno"] == record.headers["ce_seqno"], f"closed again: {repeat}")


def declined_withdrawn_and_forced(world):
    call = Client(world, "service-request")
    visit = world.do(call.id, "operate.accept")
    world.work("claim", call.id, {"visit": visit})
    world.work("decline", call.id, {"visit": visit, "reason": "Not ours."})
    world.do(call.id, None)
    require(call.get("closed")[0]["outcome"] == "declined", "declined")

    call = Client(world, "incident")
    world.do(call.id, "recover.classify")
    call.seqno += 1  # one is lost
    call.send("withdraw", {"reason": "It works again."})
    gap = world.happens("gap", call.id)
    require((gap["expected"], gap["got"]) == (2, 3), f"gap: {gap}")
    world.do(call.id, None)
    require(call.get("closed")[0]["outcome"] == "withdrawn", "withdrawn")

    call = Client(world, "wish")
    world.do(call.id, "agree.negotiate")
    offer, record = call.get("offer")
    require(isinstance(offer["agreement"], dict), f"offer: {offer}")
    call.send("decide", {"offer": int(record.headers["ce_seqno"]), "decision": "refuse"})
    world.do(call.id, None)
    closed, _ = call.get("closed")
    require((closed["outcome"], closed["code"]) == ("declined", "offer-refused"), f"closed: {closed}")


def task(world, callid, name):
    """The one task that waits now is done."""
    visit = world.do(callid, name)
    world.work("claim", callid, {"visit": visit})
    world.work("complete", callid, {"visit": visit, "outcome": "completed", "result": {}})


def by_a_program(world):
    call = Client(world, "incident", "The till beeps; not now.")
    task(world, call.id, "recover.accept")
    task(world, call.id, "recover.classify")
    require(world.happens("begun", call.id)["how"] == "exec", "a program begins")
    tried = world.happens("tried", call.id)
    require(tried["result"] == "retry" and tried["again"], f"tried: {tried}")
    result = {"cut": {"components": ["till-1"], "reason": "Its spring is worn."}}
    world.work("result", call.id, {"visit": tried["visit"], "outcome": "completed", "result": result})
    world.do(call.id, None)
    triggered = world.happens("triggered", call.id)
    require((triggered["to"], triggered["components"]) == ("change", ["till-1"]), f"triggered: {triggered}")
    require(world.happens("registered", call.id)["components"] == ["till-1"], "registered")
    require(world.happens("fed-back", call.id)["outcome"] == "completed", "fed back")
    require(world.happens("informed", call.id)["to"] == ["dirk"], "informed")

    call = Client(world, "incident", "The till hums; it fails.")
    task(world, call.id, "recover.accept")
    task(world, call.id, "recover.classify")
    escalated = world.happens("escalated", call.id)
    require(escalated["code"] == "effect-failed", f"escalated: {escalated}")
    world.work("retry", call.id, {"visit": escalated["visit"]})
    world.do(call.id, "recover.prepare")
    call.send("withdraw", {"reason": "It works again."})
    world.do(call.id, None)


def mended(world):
    """A raise that was no JSON is a dead letter; with what was meant it is delivered again."""
    callid = protocol.new_id()
    topic = protocol.calls(CHAIN, "desk", "client")
    attributes = {"replykey": callid, "rootid": callid, "hops": 0, "agreement": protocol.AGREEMENT}
    headers = protocol.headers("call.raise", f"{callid}/c/1", f"/{CHAIN}/client", callid, seqno=1, **attributes)
    world.log.append(topic, callid, headers, b"{")
    letter = world.take(f"{CHAIN}.desk.deadletter", "the dead letter", lambda r: r.key == callid)
    require(letter.headers["schakel-dl-reason"] == "bad-data" and letter.value == b"{", "reason", letter)
    whole = {
        "topic": letter.headers["schakel-dl-topic"],
        "partition": int(letter.headers["schakel-dl-partition"]),
        "key": letter.key,
        "headers": base64.b64encode(protocol.run_of(letter.headers)).decode(),
        "value": base64.b64encode(b'{"type":"wish","facility":"till","need":"A till."}').decode(),
    }
    world.work("redeliver", callid, {"record": whole}, status="refused")
    world.work("redeliver", callid, whole)
    world.do(callid, "agree.accept")


def raise_with_supplier(world, kind):
    callid = protocol.new_id()
    world.work("raise", callid, {"to": "supplier", "type": kind, "facility": "till", "need": "A part."})
    return Supplier(world, callid)


def as_provider(world):
    call = raise_with_supplier(world, "incident")
    data = data_of(call.raised)
    require(data["need"] == "A part." and call.raised.headers["ce_seqno"] == "1", f"raise: {call.raised}")
    call.send("accepted", "accepted", {"type": call.type})
    call.send("progress", "working", {"text": "We look."})
    forecast = protocol.now(3 * 86400)
    call.send("late", "working", {"forecast": forecast, "reason": "No parts."}, forecast=forecast)
    seqno = call.seqno + 1
    question = {"seqno": seqno, "text": "Which part?"}
    call.send("question", "waiting", {"text": "Which part?"}, question=question)
    call.arrived("question")
    world.work("answer", call.id, {"question": seqno, "answer": "The spring."})
    answer = data_of(call.get("answer"))
    require(answer == {"question": seqno, "answer": "The spring."}, f"answer: {answer}")
    world.work("note", call.id, {"text": "In steel.", "ask": call.id})
    note = call.get("note")
    call.send("refused", "working", {"of": note.headers["ce_id"], "code": "unsupported", "text": "No notes here."})
    world.work("withdraw", call.id, {"reason": "We have one."})
    call.get("withdraw")
    clock = {"elapsed_s": 1, "stopped_s": 0}
    call.send("closed", "closed", {"outcome": "withdrawn", "code": "withdrawn", "clock": clock}, outcome="withdrawn")
    call.arrived("closed")

    call = raise_with_supplier(world, "wish")
    call.send("accepted", "accepted", {"type": call.type})
    seqno = call.seqno + 1
    call.send("offer", "waiting", {"agreement": {"facilities": {}}}, offer=seqno)
    call.arrived("offer")
    world.work("answer", call.id, {"question": seqno, "answer": "accept"})
    decided = data_of(call.get("decide"))
    require(decided == {"offer": seqno, "decision": "accept"}, f"decide: {decided}")
    call.send("closed", "closed", {"outcome": "completed", "clock": clock}, outcome="completed")

    call = raise_with_supplier(world, "incident")
    world.work("force-close", call.id, {"reason": "They are gone."})
    call.send("progress", "working", {"text": "We are still here."})
    require(world.happens("late", call.id)["message"] == "feedback.progress", "late")
    call.id = protocol.new_id()
    call.raised.headers["ce_replykey"] = call.id
    call.send("progress", "working", {"text": "Of what?"})
    require(world.happens("unknown", call.id)["n"] == 0, "unknown")

    raise_with_supplier(world, "incident")
    world.work("resync", protocol.new_id(), {"provider": "supplier"})
    by = {"organised_by": "process", "coordinated_by": "process"}
    to = {"organised_by": "workflow", "coordinated_by": "workflow"}
    design = {"what": "steering", "from": by, "to": to, "reason": "It is better so."}
    world.work("design", protocol.new_id(), design)


def exchanged(world):
    """What was exchanged on each topic beside what the catalogue has for it: all of it, or Broken is raised."""
    supplier, client = protocol.calls(CHAIN, "supplier", "desk"), protocol.calls(CHAIN, "desk", "client")
    rows = [
        ("to the link", "call", world.sent[client]),
        ("from the link", "call", world.got[supplier]),
        ("to the link", "feedback", world.sent[protocol.feedback(CHAIN, "desk", "supplier")]),
        ("from the link", "feedback", world.got[protocol.feedback(CHAIN, "client", "desk")]),
        ("to the link, and done", "work", world.done),
        ("from the link", "event", world.got[EVENTS]),
        ("from the link", "archive", world.got[f"{CHAIN}.desk.archive"]),
    ]
    for way, kind, names in rows:
        every = protocol.catalogue(kind)
        require(every and names == every, f"{kind} {way}: {sorted(names ^ every)} missing, or not of the catalogue")
        yield f"{kind} {way}: {len(names)} of {len(every)}"


def main(url):
    world = World(logs.open_log(url))
    as_customer(world)
    declined_withdrawn_and_forced(world)
    by_a_program(world)
    mended(world)
    as_provider(world)
    world.take(f"{CHAIN}.desk.archive", "a call that is over", lambda r: name_of(r) == "archive.call")
    for line in sorted(set(world.outcomes)):
        print("work", line)
    for line in exchanged(world):
        print(line)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except protocol.Broken as broken:
        sys.exit(f"exchange: {broken}")
