"""The kit's end of a chain, whichever side it plays, and how a rule is run."""

import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "foreign"))

import protocol
from protocol import Broken, data_of, name_of, require

FACILITY, BY_HAND = "facility", "by-hand"
IMPATIENCE_S = 5  # who has not answered once is not waited for as long again


class Kit:
    """The kit's end of a chain: what it wrote, what it read, and how long it waits."""

    def __init__(self, log, chain, customer, provider, patience=60, step=None):
        self.log, self.chain, self.customer, self.provider = log, chain, customer, provider
        self.patience, self.step = patience, step or (lambda: time.sleep(0.002))  # to look again
        self.calls = protocol.calls(chain, provider, customer)
        self.feedback = protocol.feedback(chain, customer, provider)
        self.seen = collections.defaultdict(list)  # topic, call: records from the other side
        self.rules = []

    def read(self, topic):
        for record in self.log.read(topic, "kit"):
            self.seen[topic, record.headers.get("ce_callid")].append(record)

    def wait(self, topic, callid, what, fits):
        """The records about a call on a topic, up to the first that fits."""
        deadline = time.monotonic() + self.patience
        while True:
            records = self.seen[topic, callid]
            for at, record in enumerate(records):
                if fits(record):
                    return records[: at + 1]
            if time.monotonic() > deadline:
                self.patience = min(self.patience, IMPATIENCE_S)
                raise Broken(f"{what} did not come; on {topic} of this call: {records[-2:]}")
            self.step()
            self.read(topic)

    def sibling(self, callid):
        """A new id on the same partition."""
        while True:
            other = protocol.new_id()
            if protocol.partition(other, self.log.partitions) == protocol.partition(callid, self.log.partitions):
                return other

    # What the team that is tried keeps to itself.

    def work(self, team, name, callid, data):
        """What people of the team say, and the outcome that comes of it."""
        identity = protocol.new_id()
        headers = protocol.headers(f"work.{name}", identity, f"/{self.chain}/{team}", callid, actor="kit")
        self.log.append(f"{self.chain}.{team}.work", callid, headers, json.dumps(data).encode())
        fits = lambda r: name_of(r) == "event.outcome" and data_of(r)["work"] == identity
        outcome = data_of(self.wait(f"{self.chain}.{team}.events", callid, f"the outcome of {name}", fits)[-1])
        require(outcome["status"] == "done", f"work.{name} was refused: {outcome}")

    def dead_letter(self, team, sent, reason):
        """What is sent comes back byte for byte on the team's dead letters."""
        topic, key, headers, value = sent
        callid = headers["ce_callid"]
        letter = self.wait(f"{self.chain}.{team}.deadletter", callid, f"a dead letter, {reason}", lambda _: True)[-1]
        require(letter.headers["schakel-dl-reason"] == reason, f"the reason is not {reason}", letter)
        require(letter.headers["schakel-dl-topic"] == topic, "the topic that it came from", letter)
        same = all(letter.headers.get(name) == text for name, text in headers.items())
        require(letter.key == key and letter.value == value and same, "byte for byte", letter)

    # ---- rules ----

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


def run(kit, rules):
    for name, text, holds in rules:
        kit.rule(name, text, holds)
    return kit.rules
