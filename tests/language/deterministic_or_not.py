"""Systems whose handlers are functions of their inputs, and systems whose handlers are not."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from functools import partial

from example_charts import client_server
from switchover.models.language import Actor, Connection, Decision, Endpoint, Port, State, System, variable

_COUNTER = itertools.count()
_READS = itertools.count()
_SEEN: list[int] = []
_NAMES = ("source", "target", "manager", "worker", "client", "server", "guest", "host")


def from_random() -> int:
    return random.randrange(10**9)


def from_clock() -> int:
    return time.time_ns()


def from_coarse_clock() -> int:
    return int(time.monotonic()) // 1000


def from_identity() -> int:
    return id(_SEEN)


def from_set_order() -> int:
    order = "".join(str(_NAMES.index(name)) for name in set(_NAMES))
    return int(order)


def from_hash() -> int:
    return hash("guest")


def from_counter() -> int:
    return next(_COUNTER)


def from_list() -> int:
    _SEEN.append(1)
    return len(_SEEN)


def from_snapshot() -> int:
    return 7


def make(source: Callable[[], int]) -> System:
    """One actor that notes a number from ``source``."""

    class Noting(Actor):
        noted: int = variable(0)
        idle = State(initial=True)
        over = State()
        note = Decision(idle.to(over))

        def on_note(self) -> None:
            self.noted = source()

    return System("noting", {"noting": Noting()})


class Dialler(Actor):
    """Opens its line and closes it at once."""

    line = Port()
    idle = State(initial=True)
    over = State()
    dial = Decision(idle.to(over))

    def on_dial(self) -> None:
        self.line.open()
        self.line.close()


def make_reader() -> System:
    """One actor that reads its port the first time it is asked, and never again."""

    class Choosy(Actor):
        line = Port()
        idle = State(initial=True)
        stay = Decision(idle.to(None))

        def reads(self, port: Endpoint) -> bool:
            return next(_READS) == 0

    return System("reader", {"a": Dialler(), "b": Choosy()}, (Connection("c", "a.line", "b.line"),))


random_system = partial(make, from_random)
good_system = client_server
