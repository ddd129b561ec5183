"""What a provider has to do: the kit is its customer, and speaks for its people where a person is needed."""

import json

from rules import BY_HAND, FACILITY, protocol
from protocol import data_of, name_of, require


# ---- as its customer ----


def record_of(kit, callid, seqno, name, data, **other):
    attributes = {"seqno": seqno, "replykey": callid, "rootid": callid, "hops": 0, "agreement": protocol.AGREEMENT}
    source = f"/{kit.chain}/{kit.customer}"
    headers = protocol.headers(f"call.{name}", f"{callid}/c/{seqno}", source, callid, **(attributes | other))
    return kit.calls, callid, headers, json.dumps(data).encode()


def send(kit, callid, seqno, name, data, **other):
    record = record_of(kit, callid, seqno, name, data, **other)
    kit.log.append(*record)
    return record


def raised(kind="service-request", facility=FACILITY, **more):
    return {"type": kind, "facility": facility, "need": "A thing."} | more


def opened(kit, data=None, **other):
    callid = other.pop("callid", None) or protocol.new_id()
    return callid, send(kit, callid, 1, "raise", data or raised(), **other)


def told(kit, callid, name, times=1):
    """The feedback of that name about the call, once there are so many of it."""
    those = lambda: [r for r in kit.seen[kit.feedback, callid] if name_of(r) == f"feedback.{name}"]
    kit.wait(kit.feedback, callid, f"feedback.{name} ({times})", lambda _: len(those()) >= times)
    return those()


def closed(kit, callid, outcome="completed", code=None):
    record = told(kit, callid, "closed")[0]
    data = data_of(record)
    require(data["outcome"] == outcome, f"not {outcome}", record)
    require(code is None or data["code"] == code, f"not with the code {code}", record)
    return kit.seen[kit.feedback, callid]


def passed(kit, callid):
    """What was written before about this call has been read: a call behind it on its partition is over."""
    closed(kit, opened(kit, callid=kit.sibling(callid))[0])


def seqno_of(record):
    return int(record.headers["ce_seqno"])


# ---- as its people ----


def task(kit, callid):
    """The task that waits for people, taken: its visit."""
    events = f"{kit.chain}.{kit.provider}.events"
    fits = lambda r: name_of(r) == "event.entered" and data_of(r)["how"] == "manual"
    visit = data_of(kit.wait(events, callid, "a task", fits)[-1])["visit"]
    kit.work(kit.provider, "claim", callid, {"visit": visit})
    return visit


def by_hand(kit):
    callid, record = opened(kit, raised(facility=BY_HAND))
    return callid, task(kit, callid), record


def done(kit, callid, visit):
    kit.work(kit.provider, "complete", callid, {"visit": visit, "outcome": "completed"})
    return closed(kit, callid)


# ---- rules ----


def ends(kit):
    records = closed(kit, opened(kit)[0])
    require(name_of(records[0]) in ("feedback.accepted", "feedback.closed"), "the first answer", records[0])


def has_attributes(kit):
    for record in closed(kit, opened(kit)[0]):
        protocol.check_between(record, kit.chain, kit.log.partitions)


def numbers(kit):
    seqnos = [seqno_of(record) for record in closed(kit, opened(kit)[0])]
    require(seqnos == list(range(1, len(seqnos) + 1)), f"numbered {seqnos}")


def returns(kit):
    replykey, rootid = protocol.new_id(), protocol.new_id()
    callid, _ = opened(kit, replykey=replykey, rootid=rootid, hops=3, agreement="0123456789abcdef" * 2)
    for record in closed(kit, callid):
        h = record.headers
        require(record.key == replykey == h["ce_replykey"], "key", record)
        require(record.partition == protocol.partition(replykey, kit.log.partitions), "partition", record)
        require(h["ce_rootid"] == rootid and h["ce_hops"] == "3", "root and hops", record)
        require(h["ce_agreement"] == "0123456789abcdef" * 2, "agreement", record)


def stands(kit):
    records = closed(kit, opened(kit)[0])
    for record in records:
        standing = data_of(record)["standing"]
        require(standing["seen"] == 1 and standing["type"] == "service-request", "standing", record)
    last = data_of(records[-1])
    require(last["standing"]["state"] == "closed", "closed last", records[-1])
    require(last["standing"]["outcome"] == last["outcome"], "outcome", records[-1])


def same_end(kit, callid, again):
    first = told(kit, callid, "closed")[0]
    kit.log.append(*again)
    second = told(kit, callid, "closed", 2)[1]
    require(first.headers["ce_id"] == second.headers["ce_id"], "another id", second)
    require(first.headers["ce_seqno"] == second.headers["ce_seqno"], "another seqno", second)
    require(data_of(first)["outcome"] == data_of(second)["outcome"], "another outcome", second)


def repeats(kit):
    callid, record = opened(kit)
    closed(kit, callid)
    same_end(kit, callid, record)


def closes_once(kit):
    callid, record = opened(kit)
    kit.log.append(*record)
    kit.log.append(*record)
    closed(kit, callid)
    passed(kit, callid)
    seqnos = {seqno_of(r) for r in told(kit, callid, "closed")}
    require(len(seqnos) == 1, f"closed under seqnos {sorted(seqnos)}")


def repeats_open(kit):
    callid, visit, record = by_hand(kit)
    kit.log.append(*record)
    progress = told(kit, callid, "progress")[0]
    require(data_of(progress)["of"] == f"{callid}/c/1", "of", progress)
    kit.log.append(*record_of(kit, callid, 1, "raise", raised(facility=BY_HAND, need="Another thing.")))
    refused = told(kit, callid, "refused")[0]
    require(data_of(refused)["code"] == "id-conflict" and data_of(refused)["standing"], "id-conflict", refused)
    numbered(done(kit, callid, visit))


def numbered(records):
    """Of what went out since the opening no number is missing and none is there twice."""
    seqnos = [seqno_of(record) for record in records]
    require(seqnos == list(range(1, len(seqnos) + 1)), f"numbered {seqnos}")


def asks(kit):
    callid, visit, _ = by_hand(kit)
    kit.work(kit.provider, "question", callid, {"visit": visit, "text": "Which one?"})
    question = told(kit, callid, "question")[0]
    data = data_of(question)
    require(data["text"] == "Which one?" and data["standing"]["state"] == "waiting", "question", question)
    require(data["standing"]["question"]["seqno"] == seqno_of(question), "its seqno", question)
    send(kit, callid, 2, "note", {"text": "Wait."})
    send(kit, callid, 3, "answer", {"question": seqno_of(question), "answer": "The red one."})
    fits = lambda r: name_of(r) == "event.answered"
    answered = data_of(kit.wait(f"{kit.chain}.{kit.provider}.events", callid, "event.answered", fits)[-1])
    require(answered["question"] == seqno_of(question), f"answered: {answered}")
    records = done(kit, callid, visit)
    last = data_of(records[-1])
    require(last["standing"]["seen"] == 3 and "question" not in last["standing"], "standing", records[-1])
    require(last["clock"]["stopped_s"] >= 0, "the clock stood", records[-1])
    numbered(records)


def offers(kit, decision):
    callid, _ = opened(kit, raised("wish"))
    offer = told(kit, callid, "offer")[0]
    data = data_of(offer)
    require(isinstance(data["agreement"], dict) and data["standing"]["state"] == "waiting", "offer", offer)
    require(data["standing"]["offer"] == seqno_of(offer), "its seqno", offer)
    send(kit, callid, 2, "decide", {"offer": seqno_of(offer) + 7, "decision": decision})
    refused = told(kit, callid, "refused")[0]
    require(data_of(refused)["code"] == "no-offer" and data_of(refused)["of"] == f"{callid}/c/2", "no-offer", refused)
    send(kit, callid, 3, "decide", {"offer": seqno_of(offer), "decision": decision})
    return callid


def offer_refused(kit):
    closed(kit, offers(kit, "refuse"), "declined", "offer-refused")


def offer_accepted(kit):
    closed(kit, offers(kit, "accept"))


def withdraws(kit):
    callid, _, _ = by_hand(kit)
    record = send(kit, callid, 2, "withdraw", {"reason": "We have one."})
    records = closed(kit, callid, "withdrawn")
    require(data_of(records[-1])["standing"]["seen"] == 2, "seen", records[-1])
    same_end(kit, callid, record)


def warns(kit):
    callid, visit, _ = by_hand(kit)
    kit.work(kit.provider, "note", callid, {"text": "It takes a part.", "forecast": protocol.now(30 * 86400)})
    late = told(kit, callid, "late")[0]
    data = data_of(late)
    require(data["forecast"] > protocol.now(29 * 86400) and data["reason"] == "It takes a part.", "forecast", late)
    require(data["standing"]["forecast"] == data["forecast"], "standing", late)
    done(kit, callid, visit)


def is_silent_after(kit):
    callid, _ = opened(kit)
    closed(kit, callid)
    before = len(kit.seen[kit.feedback, callid])
    send(kit, callid, 2, "note", {"text": "Thank you."})
    passed(kit, callid)
    after = kit.seen[kit.feedback, callid][before:]
    require(not after, "an answer to what came after the end", after)


def bears_gaps(kit):
    callid, visit, _ = by_hand(kit)
    send(kit, callid, 3, "note", {"text": "The one before is lost."})
    send(kit, callid, 3, "note", {"text": "The one before is lost."})
    passed(kit, callid)
    records = done(kit, callid, visit)
    require(data_of(records[-1])["standing"]["seen"] == 3, "seen", records[-1])
    numbered(records)


def refuses_unknown(kit):
    callid = protocol.new_id()
    send(kit, callid, 1, "note", {"text": "Of what?"})
    record = told(kit, callid, "refused")[0]
    data = data_of(record)
    require(data["code"] == "unknown-call" and data["standing"] is None, "code", record)
    require(record.headers["ce_seqno"] == "0" and data["of"] == f"{callid}/c/1", "seqno and of", record)


def refuses_unsupported(kit):
    callid, visit, _ = by_hand(kit)
    send(kit, callid, 2, "greet", {})
    record = told(kit, callid, "refused")[0]
    data = data_of(record)
    require(data["code"] == "unsupported" and data["of"] == f"{callid}/c/2", "code and of", record)
    done(kit, callid, visit)


def refuses_misfit(kit):
    callid = protocol.new_id()
    send(kit, callid, 1, "raise", {"type": "service-request", "facility": FACILITY})
    record = told(kit, callid, "refused")[0]
    require(data_of(record)["code"] == "invalid", "code", record)


def declines(kit):
    callid, _ = opened(kit, raised(facility="nothing-of-the-kind"))
    closed(kit, callid, "declined")


def ignores_more(kit):
    closed(kit, opened(kit, raised(colour="red"), flavour="sweet")[0])


def buries(kit, reason, change):
    """A raise of which something is wrong is a dead letter, and nobody is told."""
    callid = protocol.new_id()
    topic, key, headers, value = change(*record_of(kit, callid, 1, "raise", raised()))
    sent = (topic, key, headers, value)
    kit.log.append(*sent, protocol.partition(callid, kit.log.partitions))
    kit.dead_letter(kit.provider, sent, reason)
    passed(kit, callid)
    require(not kit.seen[kit.feedback, callid], "feedback about a dead letter", kit.seen[kit.feedback, callid])


def buries_nonsense(kit):
    buries(kit, "bad-data", lambda topic, key, headers, value: (topic, key, headers, value[:-1]))


def buries_misrouted(kit):
    buries(kit, "misrouted", lambda topic, key, headers, value: (topic, protocol.new_id(), headers, value))


def buries_foreign(kit):
    wrong = {"ce_source": f"/{kit.chain}/somebody"}
    buries(kit, "wrong-source", lambda topic, key, headers, value: (topic, key, headers | wrong, value))


def buries_next_version(kit):
    wrong = {"ce_dataschema": "schakel:call.raise/2.0"}
    buries(kit, "bad-version", lambda topic, key, headers, value: (topic, key, headers | wrong, value))


RULES = [
    ("ends", "a call is answered, and ends completed", ends),
    ("attributes", "feedback has all attributes, the right key, partition and writer, and fits its schema", has_attributes),
    ("numbering", "feedback on a call is numbered 1, 2, 3 without a gap", numbers),
    ("returned", "reply key, root, hops and agreement come back as they went", returns),
    ("standing", "every feedback has the standing; the last says closed and the outcome", stands),
    ("question", "a question has a standing, its answer is taken in, and the clock stands", asks),
    ("offer-refused", "an offer awaits a decision; refused, the call is declined", offer_refused),
    ("offer-accepted", "an offer that is accepted is kept", offer_accepted),
    ("withdraw", "a withdrawn call ends so, and a repeated withdraw brings the same closed again", withdraws),
    ("late", "what will be late is told with its forecast", warns),
    ("repeated-raise", "a raise repeated after the end brings the same closed again", repeats),
    ("repeated-open", "before the end it brings progress with `of`; with another value it is refused", repeats_open),
    ("closed-once", "a call that is raised three times at once is closed under one number", closes_once),
    ("after-the-end", "what else comes after the end is not answered", is_silent_after),
    ("gaps", "a gap and a repetition in the customer's numbers are borne", bears_gaps),
    ("unknown-call", "a message about no call is refused with seqno 0", refuses_unknown),
    ("unsupported", "a message that it does not know is refused as unsupported", refuses_unsupported),
    ("misfit", "a raise that does not fit its schema is refused as invalid", refuses_misfit),
    ("not-agreed", "a call about what is not agreed is declined", declines),
    ("unknown-members", "members and attributes that it does not know change nothing", ignores_more),
    ("dead-nonsense", "what is no JSON becomes a dead letter, byte for byte, and is not answered", buries_nonsense),
    ("dead-misrouted", "so does what has another key than its call", buries_misrouted),
    ("dead-source", "so does what says that somebody else wrote it", buries_foreign),
    ("dead-version", "so does what is of an unknown major version", buries_next_version),
]
