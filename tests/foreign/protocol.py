"""What schemas/README.md says, in Python, and nothing else: names of topics, keys, partitions, ids, headers."""

import collections
import datetime
import json
import os
import pathlib
import re
import struct
import time
import uuid

MESSAGES = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "messages"
AGREEMENT = "0" * 32  # which revision of the agreement the customer means

Record = collections.namedtuple("Record", "topic partition key headers value")
"""One record: headers are a dict of texts, the value is bytes."""


def calls(chain, provider, customer):
    return f"{chain}.{provider}.calls.{customer}"


def feedback(chain, customer, provider):
    return f"{chain}.{customer}.feedback.{provider}"


def murmur2(data):
    """Kafka's own, seed 0x9747b28c."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def partition(key, count):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % count


def new_id():
    """A UUIDv7."""
    number = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=number & ~(3 << 62) | 2 << 62))


def now(ahead=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def headers(name, identity, source, callid, **more):
    """The attributes in binary mode; more of them by their bare names."""
    out = {
        "ce_specversion": "1.0",
        "content-type": "application/json",
        "ce_type": f"schakel.{name}",
        "ce_dataschema": f"schakel:{name}/1.0",
        "ce_id": identity,
        "ce_source": source,
        "ce_time": now(),
        "ce_callid": callid,
    }
    return out | {f"ce_{name}": str(value) for name, value in more.items()}


def run_of(headers):
    """All headers as one run of bytes, as `work.redeliver` has them."""
    run = b""
    for name, text in headers.items():
        name, text = name.encode(), text.encode()
        run += struct.pack("<B", len(name)) + name + struct.pack("<I", len(text)) + text
    return run


def name_of(record):
    return record.headers["ce_type"].removeprefix("schakel.")


def data_of(record):
    return json.loads(record.value)


def catalogue(*kinds):
    """Names of all messages of these kinds (`call`, `feedback`, `work`, `event`, `archive`): those that have a schema."""
    names = (path.name.removesuffix(".schema.json") for path in MESSAGES.glob("*.schema.json"))
    return {name for name in names if name.split(".")[0] in kinds and "." in name}


class Broken(Exception):
    """Something that the page promises does not hold."""


def require(holds, what, record=None):
    if not holds:
        raise Broken(f"{what}: {record}" if record else what)


ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def check_between(record, chain, count):
    """Whether a record on calls or feedback is as the page says that it is."""
    owner, kind, writer = record.topic.split(".")[1:]
    h = record.headers
    letter = "c" if kind == "calls" else "f"
    key = h["ce_callid"] if kind == "calls" else h["ce_replykey"]
    require(record.key == key and ID.fullmatch(key), "key", record)
    require(record.partition == partition(key, count), "partition", record)
    require(h["ce_specversion"] == "1.0", "specversion", record)
    require(h["content-type"].startswith("application/json"), "content type", record)
    require(h["ce_source"] == f"/{chain}/{writer}", "source", record)
    require(name_of(record) in catalogue("call" if letter == "c" else "feedback"), "type", record)
    require(h["ce_dataschema"].startswith(f"schakel:{name_of(record)}/1."), "schema", record)
    require(h["ce_id"] == f"{h['ce_callid']}/{letter}/{h['ce_seqno']}", "id", record)
    require(re.fullmatch(r"0|[1-9][0-9]{0,9}", h["ce_seqno"]), "seqno", record)
    require(0 <= int(h["ce_hops"]) <= 16 and ID.fullmatch(h["ce_rootid"]), "hops and root", record)
    data = data_of(record)
    schema = json.loads((MESSAGES / f"{name_of(record)}.schema.json").read_text())
    require(all(member in data for member in schema["required"]), "members", record)
    if letter == "f" and data["standing"] is not None:
        require({"state", "seen", "type"} <= set(data["standing"]), "standing", record)


def check_own(record, chain, count):
    """The same of what a team's link writes for the team: events and the archive."""
    team, kind = record.topic.split(".")[1:]
    h = record.headers
    letter = "e" if kind == "events" else "a"
    data = data_of(record)
    require(record.key == h["ce_callid"] and ID.fullmatch(record.key), "key", record)
    require(record.partition == partition(record.key, count), "partition", record)
    require(h["ce_source"] == f"/{chain}/{team}", "source", record)
    require(name_of(record) in catalogue("event" if letter == "e" else "archive"), "type", record)
    require(h["ce_dataschema"].startswith(f"schakel:{name_of(record)}/1."), "schema", record)
    number = f"{data['n']}" if letter == "e" else "1"
    stray = f"{h['ce_callid']}/e/0/{data.get('cause')}"
    require(h["ce_id"] == (stray if number == "0" else f"{h['ce_callid']}/{letter}/{number}"), "id", record)
    schema = json.loads((MESSAGES / f"{name_of(record)}.schema.json").read_text())
    require(all(member in data for member in schema.get("required", [])), "members", record)
