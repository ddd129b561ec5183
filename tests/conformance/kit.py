#!/usr/bin/env python3
"""Plays a customer and a provider against an implementation of the protocol, and says rule by rule what holds.

    kit.py LOG [--chain NAME] [--customer TEAM] [--provider TEAM] [--side provider|customer] [--json]

LOG is kafka:HOST:PORT (or local:FILE). What is tried speaks for one team: with `--side provider` for the one that serves
the kit, with `--side customer` for the one that calls it. tests/conformance/chain is what it has to know: a provider ends a
service request about `facility` by itself, makes an offer when it gets a wish about it, and has a task for people when it gets
a service request about `by-hand`; a customer raises what a `work.raise` on its topic asks for. The kit speaks for the people of
both, as `kit`. Exit status 1: a rule fails.
"""

import argparse
import json
import sys

import customer
import provider
import logs
from rules import Kit, run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--chain", default="conformance")
    parser.add_argument("--customer", default="customer")
    parser.add_argument("--provider", default="provider")
    parser.add_argument("--side", choices=("provider", "customer"), default="provider", help="what is tried")
    parser.add_argument("--patience", type=float, default=60, help="seconds until an answer counts as missing")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    tried = Kit(logs.open_log(given.log), given.chain, given.customer, given.provider, given.patience)
    rules = run(tried, provider.RULES if given.side == "provider" else customer.RULES)
    failed = sum(not rule["holds"] for rule in rules)
    if given.json:
        print(json.dumps({"ok": failed == 0, "rules": rules}))
    else:
        for rule in rules:
            print(f"{'holds' if rule['holds'] else 'FAILS'}  {rule['rule']:16}  {rule['text']}")
            if not rule["holds"]:
                print(f"       {rule['why']}")
        print(f"{len(rules) - failed} rules hold, {failed} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
