#!/usr/bin/env python3
"""The kit tells a stand-in that keeps the rules from three that do not; no broker, both in this process."""

import sys
import unittest

import kit
import logs
import standin

PATIENCE_S = 0.2  # an answer of a stand-in is there at its next step, or never


def failures(rules, broken=None):
    log = logs.Memory()
    other = standin.Standin(log, broken=broken)
    tried = kit.Kit(log, "pair", "customer", "provider", PATIENCE_S, other.step)
    return {rule["rule"] for rule in kit.run(tried, rules) if not rule["holds"]}


class KitTest(unittest.TestCase):
    def test_a_provider_that_keeps_the_rules_passes(self):
        self.assertEqual(failures(kit.PROVIDER), set())

    def test_a_customer_that_keeps_the_rules_passes(self):
        self.assertEqual(failures(kit.CUSTOMER), set())

    def test_numbering_that_stands_still_fails(self):
        self.assertEqual(failures(kit.PROVIDER, "numbering"), {"numbering"})

    def test_a_raise_that_is_worked_on_twice_fails(self):
        self.assertEqual(failures(kit.PROVIDER, "twice"), {"repeated-raise", "closed-once"})

    def test_feedback_under_the_wrong_key_fails(self):
        self.assertEqual(failures(kit.PROVIDER, "key"), {"returned"})


if __name__ == "__main__":
    unittest.main(verbosity=0)
