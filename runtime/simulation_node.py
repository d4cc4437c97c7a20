"""An endpoint in a simulated network, with a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .endpoint import Connect, Endpoint, Wish
from .runner import Runner, Wire
from .simulation_agenda import Agenda

#: Timeouts in a row between which time does not pass: with more, the endpoint never stops asking.
_MOST_AT_ONCE = 10_000


class Node:
    """Runs ``endpoint``. Its clock shows ``time * (1 + drift) + skew`` when the network's shows ``time``.

    An entry of the agenda: the endpoint's deadline. Raises ValueError when its clock would not go on.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        agenda: Agenda,
        clock: tuple[float, float],
        connect: Callable[[Node, Connect], Wire],
        note: Callable[[Node, object], None],
    ) -> None:
        skew, drift = clock
        if not drift > -1:
            raise ValueError(f"drift of {name} is {drift}, expected more than -1")
        self.name = name
        self.is_gone = False
        self._agenda = agenda
        self._skew, self._rate = skew, 1 + drift
        self._latest = float("-inf")
        self._alarm: float | None = None
        self._timeouts_at_once = 0
        self.runner = Runner(
            endpoint, self.now, lambda wish: connect(self, wish), self._arm, lambda event: note(self, event)
        )
        self._arm(endpoint.next_deadline())

    def now(self) -> float:
        """What the node's clock shows, in s."""
        self._latest = max(self._latest, self._agenda.time * self._rate + self._skew)
        return self._latest

    def call(self, fn: Callable[..., Sequence[Wish]], *args: Any, **options: Any) -> None:
        """Call a method of the endpoint that takes ``now`` and returns wishes, and carry them out.

        Raises what the method raises.
        """
        self.runner.call(fn, *args, **options)

    def lasts(self, seconds: float) -> float:
        """How long in the network's time a span of the node's own takes."""
        return seconds / self._rate

    def is_due(self, at: float) -> bool:
        """Whether the deadline has come; if it is later, the alarm is set anew."""
        if self._alarm != at or self.is_gone:
            return False
        deadline = self.runner.endpoint.next_deadline()
        if deadline is not None and self._in_network(deadline) <= at:
            return True
        self._alarm = None
        self._arm(deadline)
        return False

    def happen(self) -> None:
        """The deadline has come. Raises RuntimeError when the endpoint asks for the present time again and again."""
        before, deadline = self._latest, self.runner.endpoint.next_deadline()
        # Computed back and forth, the deadline may lie a little beyond what the clock shows.
        self._latest = max(self.now(), before if deadline is None else deadline)
        self._timeouts_at_once = self._timeouts_at_once + 1 if self._latest == before else 0
        if self._timeouts_at_once > _MOST_AT_ONCE:
            raise RuntimeError(f"{self.name} asks for a timeout at {self._latest} s without end")
        self._alarm = None
        self.runner.timeout()

    def _in_network(self, deadline: float) -> float:
        return max((deadline - self._skew) / self._rate, self._agenda.time)

    def _arm(self, deadline: float | None) -> None:
        # An alarm that is too early looks again when it rings: most deadlines only move on.
        if deadline is None or self.is_gone:
            return
        at = self._in_network(deadline)
        if self._alarm is None or at < self._alarm:
            self._alarm = at
            self._agenda.plan(at, self)
