"""One example: a run whose every step is taken by the processes and by the reference semantics, and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from switchover.models.language.execution import Action, ActionKind, Firing
from switchover.models.language.stepping import Outcome

from .choosing import TURNS, Chooser, Kind
from .judging import Finding, Judge
from .reference import Choice, Reference
from .world import DisagreementError, World

#: Draws a number from 0 to TURNS - 1.
Draw = Callable[[], int]

#: How much later than it could, at most, something happens that has no latest time: in ms.
_LONG = 10_000


class Example:
    """A run from the initial state. ``steps``: what has happened, and when; ``values``: of the numbers left open."""

    def __init__(
        self, reference: Reference, world: World, chooser: Chooser, judge: Judge, values: Mapping[str, int]
    ) -> None:
        self.steps: list[tuple[Action, int]] = []
        self.values = values
        self.ended: Outcome | None = None
        self._reference, self._world, self._chooser, self._judge = reference, world, chooser, judge
        self._look_around()

    @property
    def bounds(self) -> frozenset[str]:
        """The bounds that disable a step where it is."""
        return self._situation.bounds

    def findings(self) -> Iterator[Finding]:
        """What the state that it is in, or the way in which its last step ended, decides."""
        if self.ended is not None:
            yield from self._judge.step(self.ended)
        else:
            yield from self._judge.state(self._reference.system, self._situation)

    def go_on(self, kind: Kind, turn: int, draw: Draw) -> bool:
        """Let something of this kind happen; of another if there is none. False: nothing but faults could.

        Raises DisagreementError when the processes and the reference semantics differ after it.
        """
        choice = self._chooser.choose(self._choices, kind, turn)
        if choice is None:
            return False
        self._take(choice.action, _moment(choice, draw))
        return True

    def repeat(self, action: Action, at: int) -> None:
        """Let this happen, as near to this time as it can; nothing, if it cannot happen."""
        choice = next((each for each in self._choices if each.action == action), None)
        if choice is not None:
            latest = at if choice.latest is None else min(at, choice.latest)
            self._take(action, max(latest, choice.earliest))

    def _look_around(self) -> None:
        self._world.require_same(self._reference.state)
        self._situation = self._reference.situation()
        asks_for = self._judge.asks_for
        self._choices = [each for each in self._situation.choices if not each.breaks or asks_for(each.breaks)]
        self._chooser.notice(self._choices)

    def _take(self, action: Action, at: int) -> None:
        firing = self._reference.take(action, at)
        if firing.outcome is Outcome.REFUSED:  # it was to be tried at a time at which it is not enabled
            self._choices = [each for each in self._choices if each.action != action]
            return
        self.steps.append((action, at))
        self._require_same_outcome(action, firing, self._world.perform(action, at))
        if firing.state is None:
            self.ended, self._choices = firing.outcome, []
        else:
            self._look_around()

    def _require_same_outcome(self, action: Action, firing: Firing, found: Outcome) -> None:
        if found is firing.outcome or (_is_passed_over(action, firing) and found is not Outcome.HANDLED):
            return
        what = f"{action.kind.value} {action.name}".strip()
        raise DisagreementError(
            f"{what}: {firing.outcome.value} in the reference semantics, {found.value} among the processes"
        )


def _is_passed_over(action: Action, firing: Firing) -> bool:
    """Whether it is a decision whose time has come and that is not enabled."""
    return action.kind is ActionKind.DECIDE and not firing.steps


def _moment(choice: Choice, draw: Draw) -> int:
    """When it happens: at the earliest for a draw of 0, at the latest for the highest."""
    if choice.latest == choice.earliest:
        return choice.earliest
    latest = choice.earliest + _LONG if choice.latest is None else choice.latest
    return choice.earliest + (latest - choice.earliest) * draw() // (TURNS - 1)
