"""What a customer has to do: the kit is its provider, and speaks for its people."""

import json

from rules import FACILITY, protocol
from protocol import data_of, name_of, require

CLOCK = {"elapsed_s": 1, "stopped_s": 0}


class Served:
    """One call that the customer was asked to raise, and the kit's feedback on it."""

    def __init__(self, kit, kind="service-request", callid=None):
        self.kit, self.id, self.kind, self.seqno, self.seen = kit, callid or protocol.new_id(), kind, 0, 1
        data = {"to": kit.provider, "type": kind, "facility": FACILITY, "need": "A thing."}
        kit.work(kit.customer, "raise", self.id, data)
        self.raised = self.got("raise")

    def got(self, name, times=1):
        """The newest message of that name, once there are so many of it."""
        those = lambda: [r for r in self.kit.seen[self.kit.calls, self.id] if name_of(r) == f"call.{name}"]
        self.kit.wait(self.kit.calls, self.id, f"call.{name} ({times})", lambda _: len(those()) >= times)
        record = those()[times - 1]
        self.seen = max(self.seen, int(record.headers["ce_seqno"]))
        return record

    def record_of(self, seqno, name, state, data, **standing):
        h = self.raised.headers
        back = {part: h[f"ce_{part}"] for part in ("replykey", "rootid", "hops", "agreement")}
        source = f"/{self.kit.chain}/{self.kit.provider}"
        headers = protocol.headers(f"feedback.{name}", f"{self.id}/f/{seqno}", source, self.id, seqno=seqno, **back)
        value = {"standing": {"state": state, "seen": self.seen, "type": self.kind} | standing} | data
        return self.kit.feedback, h["ce_replykey"], headers, json.dumps(value).encode()

    def tell(self, name, state, data, **standing):
        """Sends feedback, and waits until the customer has taken it in; its seqno."""
        self.seqno += 1
        self.kit.log.append(*self.record_of(self.seqno, name, state, data, **standing))
        self.happens("fed", lambda data: data["message"] == f"feedback.{name}")
        return self.seqno

    def accept(self):
        return self.tell("accepted", "accepted", {"type": self.kind})

    def end(self, outcome="completed"):
        return self.tell("closed", "closed", {"outcome": outcome, "clock": CLOCK}, outcome=outcome)

    def happens(self, name, fits):
        events = f"{self.kit.chain}.{self.kit.customer}.events"
        is_it = lambda r: name_of(r) == f"event.{name}" and fits(data_of(r))
        return data_of(self.kit.wait(events, self.id, f"event.{name}", is_it)[-1])

    def require_count(self, count):
        """There are so many messages of the customer on this call, numbered without a gap, and no others: what it said
        before stands before another call on the same partition, which it is asked to raise now."""
        Served(self.kit, callid=self.kit.sibling(self.id)).end()
        seqnos = [int(r.headers["ce_seqno"]) for r in self.kit.seen[self.kit.calls, self.id]]
        require(seqnos == list(range(1, count + 1)), f"messages {seqnos}, not 1 to {count}")


def raises(kit):
    call = Served(kit)
    raised = call.raised
    protocol.check_between(raised, kit.chain, kit.log.partitions)
    require(raised.headers["ce_seqno"] == "1" and raised.headers["ce_hops"] == "0", "seqno and hops", raised)
    require(raised.headers["ce_rootid"] == raised.headers["ce_callid"], "root", raised)
    require(data_of(raised)["facility"] == FACILITY and data_of(raised)["need"] == "A thing.", "data", raised)
    call.accept()
    call.end()


def is_silent(kit):
    call = Served(kit)
    call.accept()
    kit.log.append(*call.record_of(1, "accepted", "accepted", {"type": call.kind}))  # a duplicate
    call.tell("progress", "working", {"text": "We look."})
    forecast = protocol.now(86400)
    call.tell("late", "working", {"forecast": forecast, "reason": "No parts."}, forecast=forecast)
    call.tell("refused", "working", {"of": f"{call.id}/c/7", "code": "unsupported", "text": "No."})
    call.end()
    call.require_count(1)


def bears_gaps(kit):
    call = Served(kit)
    call.seqno = 4
    kit.log.append(*call.record_of(4, "greeting", "working", {}))
    call.seqno = 6
    call.end()
    call.require_count(1)


def answers(kit):
    call = Served(kit)
    call.accept()
    number = call.seqno + 1
    question = {"seqno": number, "text": "Which one?"}
    call.tell("question", "waiting", {"text": "Which one?"}, question=question)
    kit.work(kit.customer, "answer", call.id, {"question": number, "answer": "The red one."})
    record = call.got("answer")
    require(data_of(record)["question"] == number and data_of(record)["answer"] == "The red one.", "data", record)
    protocol.check_between(record, kit.chain, kit.log.partitions)
    call.end()
    call.require_count(2)


def decides(kit, said):
    call = Served(kit, "wish")
    call.accept()
    number = call.seqno + 1
    call.tell("offer", "waiting", {"agreement": {"facilities": {}}}, offer=number)
    kit.work(kit.customer, "answer", call.id, {"question": number, "answer": said})
    record = call.got("decide")
    require(data_of(record)["offer"] == number and data_of(record)["decision"] == said, "data", record)
    call.end("completed" if said == "accept" else "declined")
    call.require_count(2)


def withdraws(kit):
    call = Served(kit)
    call.accept()
    kit.work(kit.customer, "note", call.id, {"text": "In steel.", "ask": call.id})
    require(data_of(call.got("note"))["text"] == "In steel.", "note", call.got("note"))
    kit.work(kit.customer, "withdraw", call.id, {"reason": "We have one."})
    record = call.got("withdraw")
    require(data_of(record)["reason"] == "We have one.", "reason", record)
    call.end("withdrawn")
    call.require_count(3)


def is_silent_after(kit):
    call = Served(kit)
    call.end()
    kit.log.append(*call.record_of(2, "question", "waiting", {"text": "What?"}, question={"seqno": 2}))
    call.happens("late", lambda data: data["message"] == "feedback.question")
    call.require_count(1)


def raises_again(kit):
    call = Served(kit)
    call.accept()
    number = call.seqno + 1
    question = {"seqno": number, "text": "Which one?"}
    call.tell("question", "waiting", {"text": "Which one?"}, question=question)
    kit.work(kit.customer, "answer", call.id, {"question": number, "answer": "The red one."})
    call.got("answer")
    kit.work(kit.customer, "resync", kit.sibling(call.id), {"provider": kit.provider})
    again = call.got("raise", 2)
    require(again.value == call.raised.value and again.key == call.raised.key, "another value", again)
    require(again.headers["ce_id"] == call.raised.headers["ce_id"], "another id", again)
    require(again.headers["ce_time"] == call.raised.headers["ce_time"], "another time", again)
    call.seen = 1  # the answer never came
    call.tell("progress", "waiting", {"of": again.headers["ce_id"]}, question=question)
    answer = call.got("answer", 2)
    require(answer.headers["ce_seqno"] == "3" and data_of(answer)["question"] == number, "said again", answer)
    call.end()


def buries(kit, reason, change):
    """Feedback of which something is wrong is a dead letter, and not answered; the call goes on."""
    call = Served(kit)
    sent = change(*call.record_of(1, "progress", "working", {"text": "We look."}))
    kit.log.append(*sent, protocol.partition(call.id, kit.log.partitions))
    kit.dead_letter(kit.customer, sent, reason)
    call.accept()
    call.end()
    call.require_count(1)


def buries_nonsense(kit):
    buries(kit, "bad-data", lambda topic, key, headers, value: (topic, key, headers, value[:-1]))


def buries_misfit(kit):
    sleeping = lambda value: value.replace(b'"working"', b'"sleeping"')
    buries(kit, "bad-data", lambda topic, key, headers, value: (topic, key, headers, sleeping(value)))


def buries_misrouted(kit):
    buries(kit, "misrouted", lambda topic, key, headers, value: (topic, protocol.new_id(), headers, value))


def buries_foreign(kit):
    wrong = {"ce_source": f"/{kit.chain}/somebody"}
    buries(kit, "wrong-source", lambda topic, key, headers, value: (topic, key, headers | wrong, value))


RULES = [
    ("raise", "what people ask for is raised, with all attributes", raises),
    ("silence", "feedback is never answered with a message", is_silent),
    ("gaps", "a gap and a message that it does not know do not stop it", bears_gaps),
    ("question", "a question is told, and its answer goes back with its number", answers),
    ("offer-refused", "what people decide about an offer goes back: refuse", lambda kit: decides(kit, "refuse")),
    ("offer-accepted", "and accept", lambda kit: decides(kit, "accept")),
    ("withdraw", "notes and withdraws go out, numbered", withdraws),
    ("after-the-end", "what comes after the end is kept as late, and not answered", is_silent_after),
    ("raise-again", "a raise is repeated byte for byte; what the answer shows to be lost is said again", raises_again),
    ("dead-nonsense", "what is no JSON becomes a dead letter, byte for byte, and is not answered", buries_nonsense),
    ("dead-misfit", "so does what does not fit its schema", buries_misfit),
    ("dead-misrouted", "so does what has another key than its call", buries_misrouted),
    ("dead-source", "so does what says that somebody else wrote it", buries_foreign),
]
