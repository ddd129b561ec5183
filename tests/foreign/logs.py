"""Where records are written and read: a Kafka, the log of one machine, or a list in this process.

A log has `partitions`, `append(topic, key, headers, value, partition=None)` and `read(topic)`, which gives what has come
since it was asked last.
"""

import collections
import os
import socket
import sqlite3
import struct
import time

from protocol import Record, partition, run_of


class Memory:
    """For partners that are in this process."""

    def __init__(self, partitions=4):
        self.partitions = partitions
        self.topics = collections.defaultdict(list)
        self.read_to = collections.Counter()

    def append(self, topic, key, headers, value, number=None):
        number = partition(key, self.partitions) if number is None else number
        self.topics[topic].append(Record(topic, number, key, dict(headers), value))

    def read(self, topic, reader=""):
        start = self.read_to[topic, reader]
        self.read_to[topic, reader] = len(self.topics[topic])
        return self.topics[topic][start:]


class Local:
    """The file of the embedded log; how it is laid out is nobody's contract, it is here to test without a broker."""

    BITS = 44
    partitions = 1

    def __init__(self, path):
        self.db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.folder = f"{path}.d"
        self.waker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.next = collections.Counter()

    def wake(self, team):
        """Tells the team's link that something has come, or it looks once a second."""
        try:
            folder = os.open(self.folder, os.O_PATH)  # an address has room for 107 bytes, a path may have more
        except FileNotFoundError:
            return  # no link has ever been there
        try:
            self.waker.sendto(b"\0", socket.MSG_DONTWAIT, f"/proc/self/fd/{folder}/{team}.sock")
        except OSError:
            pass  # none is there now, or it has been told already
        finally:
            os.close(folder)

    def topic(self, name):
        row = self.db.execute("SELECT id FROM topics WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def append(self, topic, key, headers, value, number=None):
        run = run_of(headers)
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute("INSERT OR IGNORE INTO topics (name) VALUES (?)", (topic,))
        first = self.topic(topic) << self.BITS
        last = self.db.execute(
            "SELECT max(id) FROM records WHERE id >= ? AND id < ?", (first, first + (1 << self.BITS))
        ).fetchone()[0]
        self.db.execute(
            "INSERT INTO records (id, timestamp, key, headers, value) VALUES (?, ?, ?, ?, ?)",
            (first if last is None else last + 1, time.time_ns() // 1000, key.encode(), run, value),
        )
        self.db.execute("COMMIT")
        self.wake(topic.split(".")[1])

    def read(self, topic, reader=""):
        number = self.topic(topic)
        if number is None:
            return []
        first = (number << self.BITS) + self.next[topic, reader]
        rows = self.db.execute(
            "SELECT id, key, headers, value FROM records WHERE id >= ? AND id < ? ORDER BY id",
            (first, (number + 1) << self.BITS),
        ).fetchall()
        if rows:
            self.next[topic, reader] = rows[-1][0] - (number << self.BITS) + 1
        return [Record(topic, 0, key.decode(), self.headers(run), value) for _, key, run, value in rows]

    @staticmethod
    def headers(run):
        out, at = {}, 0
        while at < len(run):
            name = run[at + 1 : at + 1 + run[at]].decode()
            at += 1 + run[at]
            (length,) = struct.unpack_from("<I", run, at)
            out[name] = run[at + 4 : at + 4 + length].decode()
            at += 4 + length
        return out


class Kafka:
    """A real one, with kafka-python, as the page says under "With any Kafka client"."""

    def __init__(self, brokers, partitions=4):
        import kafka

        self.kafka, self.brokers, self.partitions = kafka, brokers, partitions
        self.producer = kafka.KafkaProducer(bootstrap_servers=brokers, acks="all", enable_idempotence=True)
        self.consumers = {}

    def append(self, topic, key, headers, value, number=None):
        number = partition(key, self.partitions) if number is None else number
        sent = [(name, text.encode()) for name, text in headers.items()]
        self.producer.send(topic, key=key.encode(), value=value, headers=sent, partition=number).get(timeout=60)

    def read(self, topic, reader=""):
        consumer = self.consumers.get((topic, reader))
        if consumer is None:
            consumer = self.kafka.KafkaConsumer(
                bootstrap_servers=self.brokers, isolation_level="read_committed", auto_offset_reset="earliest"
            )
            consumer.assign([self.kafka.TopicPartition(topic, n) for n in range(self.partitions)])
            self.consumers[topic, reader] = consumer
        out = []
        for records in consumer.poll(timeout_ms=50).values():
            for record in records:
                headers = {name: text.decode() for name, text in record.headers}
                out.append(Record(topic, record.partition, record.key.decode(), headers, record.value))
        return out


def open_log(url):
    """`local:FILE` or `kafka:HOST:PORT`."""
    kind, _, where = url.partition(":")
    return Local(where) if kind == "local" else Kafka(where)
