#!/usr/bin/env python3
"""The kit tells a stand-in that keeps the rules from those that do not; no broker, both in this process."""

import sys
import unittest

import customer
import provider
import rules
import standin
from standin import logs

PATIENCE_S = 0.2  # an answer of a stand-in is there at its next step, or never

# Which rules notice each way of being broken, of a provider and of a customer.
PROVIDERS = {
    "numbering": {"numbering", "repeated-open", "question", "gaps", "offer-refused", "offer-accepted"},
    "twice": {"repeated-raise", "repeated-open", "closed-once"},
    "key": {"returned"},
    "talkative": {"after-the-end"},
    "blind": {"question", "withdraw", "gaps"},
    "careless": {"dead-nonsense", "dead-misrouted", "dead-source", "dead-version"},
}
CUSTOMERS = {
    "chatty": {"silence", "raise-again"},
    "confused": {"question", "offer-refused", "offer-accepted", "raise-again"},
    "retold": {"raise-again"},
    "forgetful": {"dead-nonsense", "dead-misfit", "dead-misrouted", "dead-source"},
}


RULES = {"provider": provider.RULES, "customer": customer.RULES}


def failures(side, broken=None):
    log = logs.Memory()
    other = standin.SIDES[side](log, broken=broken)
    kit = rules.Kit(log, "conformance", "customer", "provider", PATIENCE_S, other.step)
    return {rule["rule"] for rule in rules.run(kit, RULES[side]) if not rule["holds"]}


class KitTest(unittest.TestCase):
    def test_a_provider_that_keeps_the_rules_passes(self):
        self.assertEqual(failures("provider"), set())

    def test_a_customer_that_keeps_the_rules_passes(self):
        self.assertEqual(failures("customer"), set())

    def test_each_broken_provider_fails_by_the_rules_that_it_breaks(self):
        for broken, names in PROVIDERS.items():
            with self.subTest(broken):
                self.assertEqual(failures("provider", broken), names)

    def test_each_broken_customer_fails_by_the_rules_that_it_breaks(self):
        for broken, names in CUSTOMERS.items():
            with self.subTest(broken):
                self.assertEqual(failures("customer", broken), names)

    def test_every_way_of_being_broken_is_tried(self):
        self.assertEqual(set(PROVIDERS) | set(CUSTOMERS), set(standin.BREAKS))


if __name__ == "__main__":
    if sys.argv[1:] == ["--ways"]:  # for a test with processes: side, way, rules
        for side, ways in (("provider", PROVIDERS), ("customer", CUSTOMERS)):
            for broken, names in ways.items():
                print(side, broken, *sorted(names))
    else:
        unittest.main(verbosity=0)
