"""The process that judges for ``judging``: orders come on stdin, judgements go to stdout, each a line of JSON.

A judgement is about all rows that have come by then. When the end is told, a search for less is broken off.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import Any, BinaryIO

from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN
from switchover.checks.conformance.monitor import Monitor
from switchover.models.spice.link_timing.variant import Repairs

#: The client comes first.
_NICENESS = 10

Order = dict[str, Any]


class _Inbox:
    """Reads orders in a thread, so that a search notices the end, and that nobody waits."""

    def __init__(self, source: BinaryIO) -> None:
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._source = source
        self.ends = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._source:
            order = json.loads(line)
            if "is_over" in order:
                self.ends.set()
            self._orders.put(order)
        self.ends.set()
        self._orders.put(None)

    def next(self) -> list[Order]:
        """The orders that wait, at least one; none: there will be none."""
        found = [self._orders.get()]
        while not self._orders.empty():
            found.append(self._orders.get())
        return [] if None in found else [each for each in found if each is not None]


def main() -> None:
    """Judge until the end, or until nobody listens."""
    os.nice(_NICENESS)
    inbox = _Inbox(sys.stdin.buffer)
    first, *orders = inbox.next()
    monitor = Monitor(Repairs(**first["client"]), first["states"])
    new, is_over = 0, False
    while not is_over and (orders or (orders := inbox.next())):
        is_over = any("is_over" in each for each in orders)
        rows = [each for each in orders if "row" in each]
        new += len(rows)
        answer = _judged(monitor, rows, is_over, inbox)
        if answer is not None:
            print(json.dumps({"rows": new, "is_over": is_over, **answer}), flush=True)
            new = 0
        orders = []


def _judged(monitor: Monitor, rows: list[Order], is_over: bool, inbox: _Inbox) -> dict[str, Any] | None:
    """The judgement, with these rows too; None when it was broken off."""
    try:
        for each in rows:
            monitor.add(each["line"], each["row"])
        if not monitor.rows:
            return {"verdict": CONFORMS, "mapped": 0, "until": 0.0} if is_over else None
        found = monitor.judge(goes_on=not is_over, interrupted=lambda _: inbox.ends.is_set() and not is_over)
    except ValueError as error:
        return {"verdict": UNKNOWN, "why": str(error).removeprefix("what was seen: ")}
    if found.verdict == UNKNOWN and inbox.ends.is_set() and not is_over:
        return None
    answer: dict[str, Any] = {"verdict": found.verdict, "mapped": found.mapped, "until": monitor.rows[-1].time}
    if found.verdict == UNKNOWN:
        answer["why"] = f"the search met its limit, {found.states:,} states"
    if found.verdict == DIFFERS:
        at = next(each.time for each in monitor.rows if each.line == found.line)
        answer |= {"line": found.line, "at": at, "text": found.text, "nearest": found.nearest}
        answer["possible"] = list(found.allowed)
    return answer


if __name__ == "__main__":
    main()
