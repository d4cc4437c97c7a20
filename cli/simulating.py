"""Plays scenarios session by session, and adds up what became of the handovers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from switchover.runtime.spice.handovers import Handover, Result
from switchover.runtime.spice.scenario_session import Attempt, Fate, run_session
from switchover.runtime.spice.scenarios import Scenario

#: How a client got to where its guest is other than by a handover that it completed.
ANEW = "linked anew"

#: Sessions of different seeds must not be the same ones.
_SESSIONS_OF_A_SEED = 1 << 32


@dataclass(frozen=True)
class Spread:
    """How values are distributed."""

    median: float
    percentile_95: float
    largest: float
    count: int


def spread(values: list[float]) -> Spread | None:
    """Of a list of values; None: there are none."""
    if not values:
        return None
    ordered = sorted(values)

    def at(part: float) -> float:
        return ordered[min(int(part * len(ordered)), len(ordered) - 1)]

    return Spread(at(0.5), at(0.95), ordered[-1], len(ordered))


@dataclass
class Simulation:
    """``attempts`` to hand a client over, in order; ``seconds``: virtual time that passed."""

    scenario: Scenario
    seed: int
    attempts: list[Attempt] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False

    def play(self, handovers: int) -> None:
        """Play sessions until there are so many attempts. Ctrl-C ends it; what was found until then stays."""
        try:
            for number, scenario in enumerate(_sessions(self.scenario, handovers)):
                session = run_session(scenario, session_seed(self.seed, number))
                self.attempts += session.attempts
                self.seconds += session.seconds
        except KeyboardInterrupt:
            self.interrupted = True

    @property
    def fates(self) -> Counter[Fate]:
        """How many attempts came to what."""
        return Counter(each.fate for each in self.attempts)

    @property
    def completed(self) -> list[Handover]:
        """Handovers that led the client to where its guest was going."""
        ways = [_way(each) for each in self.attempts if each.fate is Fate.COMPLETED]
        return [each for each in ways if each is not None]

    @property
    def methods(self) -> Counter[str]:
        """How clients went, of those who did; ``ANEW``: the handover had failed, and they linked anew at the target."""
        found = Counter(str(each.method) for each in self.completed)
        found[ANEW] = self.fates[Fate.COMPLETED] - len(self.completed)
        return +found

    def spreads(self) -> dict[str, Spread | None]:
        """How long it took, in seconds, and how many frames were lost, of those that completed.

        Without a video there are neither pictures to wait for nor frames.
        """
        handovers = self.completed
        names = ("linking", "switching", "blackout", "frames_lost")
        return {
            name: spread([value for each in handovers if (value := getattr(each, name)) is not None])
            for name in (names if self.scenario.video is not None else names[:2])
        }

    @property
    def complaints(self) -> Counter[str]:
        """What no chart expected, and how often."""
        return Counter(text for each in self.attempts for text in each.not_allowed)

    def numbers(self, fate: Fate) -> list[int]:
        """Which attempts came to that; the first is 1."""
        return [number for number, each in enumerate(self.attempts, 1) if each.fate is fate]

    @property
    def leaking(self) -> list[int]:
        """After which attempts connections were left behind."""
        return [number for number, each in enumerate(self.attempts, 1) if each.leaked > 0]

    @property
    def wrong(self) -> list[int]:
        """Attempts in which something went wrong that need not."""
        return [number for number, each in enumerate(self.attempts, 1) if each.is_wrong]


def _way(attempt: Attempt) -> Handover | None:
    """The last that the client completed."""
    return next((each for each in reversed(attempt.handovers) if each.result is Result.COMPLETED), None)


def session_seed(seed: int, number: int) -> int:
    """The seed of a session, numbered from 0."""
    return seed * _SESSIONS_OF_A_SEED + number


def _sessions(scenario: Scenario, handovers: int) -> Iterator[Scenario]:
    while handovers > 0:
        attempts = min(scenario.attempts, handovers)
        yield replace(scenario, attempts=attempts)
        handovers -= attempts
