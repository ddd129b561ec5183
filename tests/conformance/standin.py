#!/usr/bin/env python3
"""A small provider and customer of the protocol, to try the kit on: as it has to be, or broken in one way.

    standin.py LOG [--chain NAME] [--broken numbering|twice|key]

numbering: every feedback has seqno 1; twice: a repeated raise is worked on again; key: feedback goes under the call's id
instead of the reply key. It runs until it is ended.
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

BREAKS = ("numbering", "twice", "key")


class Standin:
    def __init__(self, log, chain="pair", customer="customer", provider="provider", broken=None):
        self.log, self.chain, self.customer, self.provider, self.broken = log, chain, customer, provider, broken
        self.calls = protocol.calls(chain, provider, customer)
        self.feedback = protocol.feedback(chain, customer, provider)
        self.work = f"{chain}.{customer}.work"
        self.closings = {}  # call: its closed, as it was sent
        self.seqnos = {}

    def step(self):
        """Does what there is to do now."""
        for record in self.log.read(self.calls, "standin"):
            self.serve(record)
        for record in self.log.read(self.work, "standin"):
            self.ask(record)

    def send(self, record, name, seqno, data):
        h = record.headers
        back = {part: h[f"ce_{part}"] for part in ("replykey", "rootid", "hops", "agreement")}
        if self.broken == "numbering":
            seqno = min(seqno, 1)
        source = f"/{self.chain}/{self.provider}"
        identity = f"{h['ce_callid']}/f/{seqno}"
        headers = protocol.headers(f"feedback.{name}", identity, source, h["ce_callid"], seqno=seqno, **back)
        key = h["ce_callid"] if self.broken == "key" else h["ce_replykey"]
        out = (self.feedback, key, headers, json.dumps(data).encode())
        self.log.append(*out)
        return out

    def next(self, callid):
        self.seqnos[callid] = self.seqnos.get(callid, 0) + 1
        return self.seqnos[callid]

    def refuse(self, record, code):
        data = {"standing": None, "of": record.headers["ce_id"], "code": code, "text": code}
        self.send(record, "refused", 0, data)

    def serve(self, record):
        callid, data = record.headers["ce_callid"], data_of(record)
        if name_of(record) != "call.raise":
            return self.refuse(record, "unknown-call")
        if not {"type", "facility", "need"} <= set(data):
            return self.refuse(record, "invalid")
        if callid in self.closings and self.broken != "twice":
            return self.log.append(*self.closings[callid])
        standing = {"state": "accepted", "seen": 1, "type": data["type"]}
        outcome = "completed" if data["facility"] == "facility" else "declined"
        if outcome == "completed":
            self.send(record, "accepted", self.next(callid), {"standing": standing, "type": data["type"]})
        closed = {
            "standing": standing | {"state": "closed", "outcome": outcome},
            "outcome": outcome,
            "clock": {"elapsed_s": 0, "stopped_s": 0},
        }
        self.closings[callid] = self.send(record, "closed", self.next(callid), closed)

    def ask(self, record):
        if name_of(record) != "work.raise":
            return
        callid, data = record.headers["ce_callid"], data_of(record)
        attributes = {"seqno": 1, "replykey": callid, "rootid": callid, "hops": 0, "agreement": protocol.AGREEMENT}
        source = f"/{self.chain}/{self.customer}"
        headers = protocol.headers("call.raise", f"{callid}/c/1", source, callid, **attributes)
        del data["to"]
        self.log.append(self.calls, callid, headers, json.dumps(data).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--chain", default="pair")
    parser.add_argument("--broken", choices=BREAKS)
    given = parser.parse_args()
    standin = Standin(logs.open_log(given.log), given.chain, broken=given.broken)
    while True:
        standin.step()
        time.sleep(0.002)  # to look again


if __name__ == "__main__":
    main()
