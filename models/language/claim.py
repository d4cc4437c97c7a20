"""Claims and families: what a source says, as a statement that can be checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .losses import LossTable
from .properties import Property
from .region import Quantity
from .space_time import SpaceTime
from .system import System
from .verdict import Answer, Trace

#: Makes a system when it is needed: building one is cheap, importing a family must be cheaper.
SystemMaker = Callable[..., System]


@dataclass(frozen=True)
class Open:
    """Numbers that a case leaves open, so that its answer is for all their values.

    Its ``system``, ``within`` and ``stated`` are called with the quantities by name, as keywords. ``within`` gives
    what else is assumed of them; ``stated`` is the region as its source states it: where the property fails.
    ``probe`` names a quantity of which the question is for how many of its values the property fails: the ms of video
    lost, when it is the time of a frame. ``endless``: the system runs for ever, so that the answer is a proof by
    invariant, or none.
    """

    quantities: tuple[Quantity, ...]
    within: Callable[..., Sequence[bool]] = lambda **_: ()
    stated: Callable[..., bool] | None = None
    probe: str = ""
    endless: bool = False

    def typical(self) -> dict[str, int]:
        """A value for each quantity, for examples."""
        return {each.name: each.typical for each in self.quantities}


@dataclass(frozen=True)
class Case:
    """One result of a claim: the property, on the system of one design, and the verdict its source leads us to expect.

    ``name`` is the design (``proposal``): the result's id is ``LT03/proposal``. ``role`` tells the case
    of the claim itself from its *mutation* (a change of the model that must break a property that
    holds) and its *repair* (one that must make a failing property hold).
    ``needs`` names an engine without which the answer is *unknown*.
    ``over``: the numbers left open; ``system`` is then called with them.
    ``why``: for a verdict other than the ledger's, the reason.
    """

    name: str
    system: SystemMaker
    property: Property | str
    expected: Answer
    role: str = "claim"
    needs: str = ""
    why: str = ""
    over: Open | None = None


@dataclass(frozen=True)
class Claim:
    """One sentence of a seed or a fact. ``said`` is where; ``text`` is the sentence."""

    id: str
    said: str
    text: str
    cases: tuple[Case, ...]

    def results(self) -> tuple[tuple[str, Case], ...]:
        """The claim's own cases by result id: ``LT03`` alone when there is one design, else ``LT03/design``."""
        own = [case for case in self.cases if case.role == "claim"]
        return tuple((self.id if len(own) == 1 else f"{self.id}/{case.name}", case) for case in own)

    def controls(self) -> tuple[tuple[str, Case], ...]:
        """The mutations and repairs by result id: ``LT03/proposal/mutation:forget one channel``."""
        return tuple((f"{self.id}/{case.role}:{case.name}", case) for case in self.cases if case.role != "claim")


@dataclass(frozen=True)
class Family:
    """A protocol family: the systems that stand for its designs, and the claims made about them.

    ``systems`` maps a design's name to what makes its system. ``space_time`` turns a trace, a run of the timed system
    beside it, into a picture in the family's own terms (None: as any timed trace is drawn). ``plots``: pictures that
    the family can draw of itself, by name.
    """

    name: str
    title: str
    systems: Mapping[str, SystemMaker]
    claims: tuple[Claim, ...] = ()
    seeds: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    space_time: Callable[[System, Trace], SpaceTime] | None = None
    plots: Mapping[str, Callable[[], LossTable]] = field(default_factory=dict)
