"""Small endpoints that note all that they are told, and answer by a rule or two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from switchover.runtime.endpoint import Address, Close, Connect, Pause, Report, Resume, Wish, Write


@dataclass(frozen=True)
class Told:
    """What an endpoint was told: the method's name, the connection, and what else."""

    what: str
    connection: int
    detail: str = ""


Rule = Callable[["Toy", int, bytes], list[Wish]]


class Toy:
    """Gives odd numbers to connections it accepts and even ones to those it opens; reports all it is told but bytes."""

    def __init__(self, **rules: Rule) -> None:
        self.rules = rules
        self.got: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.chunks: list[bytes] = []
        self.told: list[Told] = []
        self.times: list[float] = []
        self.deadline: float | None = None
        self.paused: list[int] = []
        self.accepted_count = 0
        self.opened_count = 0

    # What tests ask for.

    def connect(self, address: Address, now: float, limit: float = 30.0) -> list[Wish]:
        self.opened_count += 1
        return [Connect(2 * self.opened_count, address, limit)]

    def do(self, *wishes: Wish, now: float) -> list[Wish]:
        return list(wishes)

    def wake_at(self, deadline: float, now: float) -> list[Wish]:
        self.deadline = deadline
        return []

    def wake_in(self, seconds: float, now: float) -> list[Wish]:
        return self.wake_at(now + seconds, now)

    def heard(self, what: str) -> list[Told]:
        return [each for each in self.told if each.what == what]

    # What it is told.

    def accepted(self, listener: str, peer: str, now: float) -> tuple[int, list[Wish]]:
        self.accepted_count += 1
        number = 2 * self.accepted_count - 1
        return number, self._note("accepted", number, now, listener)

    def connected(self, connection: int, now: float) -> list[Wish]:
        return self._note("connected", connection, now)

    def refused(self, connection: int, reason: str, now: float) -> list[Wish]:
        return self._note("refused", connection, now, reason)

    def received(self, connection: int, data: bytes, now: float) -> list[Wish]:
        assert connection not in self.paused
        self.got[connection] += data
        self.chunks.append(data)
        self.times.append(now)
        return self._follow("received", connection, data)

    def ended(self, connection: int, now: float) -> list[Wish]:
        assert connection not in self.paused
        return self._note("ended", connection, now)

    def lost(self, connection: int, reason: str, now: float) -> list[Wish]:
        return self._note("lost", connection, now, reason)

    def timeout(self, now: float) -> list[Wish]:
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        return self._note("timeout", 0, now)

    def next_deadline(self) -> float | None:
        return self.deadline

    def _note(self, what: str, connection: int, now: float, detail: str = "") -> list[Wish]:
        told = Told(what, connection, detail)
        self.told.append(told)
        self.times.append(now)
        return [Report(told), *self._follow(what, connection, b"")]

    def _follow(self, what: str, connection: int, data: bytes) -> list[Wish]:
        rule = self.rules.get(what)
        return [] if rule is None else rule(self, connection, data)


def echo() -> Toy:
    """Sends back what comes, and closes after a line that says ``bye``."""

    def received(toy: Toy, connection: int, data: bytes) -> list[Wish]:
        is_last = toy.got[connection].endswith(b"bye\n")
        return [Write(connection, data), *([Close(connection)] if is_last else [])]

    return Toy(received=received)


def sender(data: bytes, pieces: int = 1) -> Toy:
    """Sends this to whom it is connected to, in so many pieces, then closes."""

    def connected(_: Toy, connection: int, __: bytes) -> list[Wish]:
        size = max(1, -(-len(data) // pieces))
        return [*(Write(connection, data[at : at + size]) for at in range(0, len(data), size)), Close(connection)]

    return Toy(connected=connected, accepted=connected)


def slow_reader(rest: float) -> Toy:
    """Does not read for ``rest`` seconds after each time that something has come."""

    def received(toy: Toy, connection: int, _: bytes) -> list[Wish]:
        toy.paused.append(connection)
        toy.deadline = toy.times[-1] + rest
        return [Pause(connection)]

    def timeout(toy: Toy, _: int, __: bytes) -> list[Wish]:
        paused = list(toy.paused)
        toy.paused.clear()
        return [Resume(connection) for connection in paused]

    return Toy(received=received, timeout=timeout)
