"""One run of Hypothesis over a system: examples until one of them shows what is looked for, then smaller ones."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration, settings
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test
from switchover.models.language.execution import Action

from .choosing import Kind
from .example import Draw, Example
from .judging import Asked, Finding
from .machine import FoundError, SystemMachine
from .stage import Subject

#: Examples that are run at most to make a found one smaller.
_SHRINKING = 500


class _EnoughError(BaseException):
    """Ends a run of Hypothesis, which takes any other exception for a failure of the example."""


@dataclass
class Figures:
    """What hunts of one system have seen: examples, steps, the longest example, bounds that disabled a step.
    ``were_cut``: examples ended at the number of steps allowed; ``is_stopped``: the time allowed is over.
    """

    examples: int = 0
    transitions: int = 0
    depth: int = 0
    bounds: set[str] = field(default_factory=set)
    were_cut: bool = False
    is_stopped: bool = False


@dataclass(frozen=True)
class Prey:
    """What was found: in example number ``example`` of all, the smallest ``steps`` with their times, for ``values``."""

    finding: Finding
    example: int
    steps: tuple[tuple[Action, int], ...]
    values: Mapping[str, int]


class Hunt:
    """Looks for anything of what is ``asked``. ``until``: by ``time.perf_counter``, when to give up."""

    def __init__(
        self,
        subject: Subject,
        asked: Asked,
        steps: int,
        figures: Figures,
        until: float | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.kinds: frozenset[Kind] = subject.typical.sources.kinds
        self._subject, self._asked, self._most_steps = subject, asked, steps
        self._figures, self._until, self._progress = figures, until, progress
        self._prey: Prey | None = None
        self._shrinking = 0
        self._most_examples = 0
        self._error: Exception | None = None

    def run(self, examples: int, seed: int) -> Prey | None:
        """Run examples until there are so many in all. None: nothing was found.

        Raises what an example raises that is no finding.
        """
        self._most_examples = examples

        @hypothesis.seed(seed)
        def machine() -> SystemMachine:
            return SystemMachine(self)

        effort = _settings(examples - self._figures.examples, self._most_steps)
        # What was found is kept; in what way Hypothesis ends says nothing more.
        with _storage_elsewhere(), suppress(FoundError, Flaky, Unsatisfiable, _EnoughError):
            run_state_machine_as_test(machine, settings=effort)  # type: ignore[arg-type]
        if self._error is not None:
            raise self._error
        return self._prey and self._without_detours(self._prey)

    # What the machine asks.

    def begin(self, draw: Draw) -> Example | None:
        """A new example; None: what was drawn is not assumed possible."""
        self._stop_when_it_is_enough()
        with self._no_error():
            example = self._subject.begin(self._asked, draw)
        if example is not None and self._prey is None:
            self._figures.examples += 1
            if self._progress is not None:
                self._progress(self._figures.examples)
        return example

    def go_on(self, example: Example, kind: Kind, turn: int, draw: Draw) -> bool:
        """Let something happen in an example; False: it is over."""
        with self._no_error():
            return example.go_on(kind, turn, draw)

    def judge(self, example: Example) -> None:
        """Raises FoundError when the example has shown what is looked for: anything at first, then the same."""
        with self._no_error():
            findings = tuple(example.findings())
        for finding in findings:
            if self._prey is None or finding.name == self._prey.finding.name:
                self._keep(finding, example)
                raise FoundError(finding.name)

    def end(self, example: Example) -> None:
        """The example is over."""
        figures = self._figures
        if not self._shrinking:
            figures.transitions += len(example.steps)
            figures.depth = max(figures.depth, len(example.steps))
            figures.were_cut = figures.were_cut or len(example.steps) >= self._most_steps
            figures.bounds |= example.bounds

    @contextmanager
    def _no_error(self) -> Iterator[None]:
        # Hypothesis would look for a smaller example, and might not find the error again.
        try:
            yield
        except Exception as error:
            self._error = error
            raise _EnoughError from error

    def _keep(self, finding: Finding, example: Example) -> None:
        if self._prey is None:
            self._prey = Prey(finding, self._figures.examples, tuple(example.steps), example.values)
        elif len(example.steps) <= len(self._prey.steps):
            self._prey = Prey(finding, self._prey.example, tuple(example.steps), example.values)

    def _without_detours(self, prey: Prey) -> Prey:
        """The same with every step left out that is not needed: Hypothesis takes what it draws away, not steps."""
        size = len(prey.steps)
        while size:
            start = 0
            while start < len(prey.steps):
                shorter = self._repeated(prey, (*prey.steps[:start], *prey.steps[start + size :]))
                start, prey = (start, shorter) if shorter is not None else (start + size, prey)
            size //= 2
        return prey

    def _repeated(self, prey: Prey, steps: tuple[tuple[Action, int], ...]) -> Prey | None:
        """The run of these steps, what cannot happen left out; None: it does not show the same in fewer than before."""
        example = self._subject.stage(prey.values).begin(self._asked, lambda: 0, prey.values)
        for action, at in steps:
            if any(each.name == prey.finding.name for each in example.findings()):
                break
            example.repeat(action, at)
        found = [each for each in example.findings() if each.name == prey.finding.name]
        if not found or len(example.steps) >= len(prey.steps):
            return None
        return Prey(found[0], prey.example, tuple(example.steps), prey.values)

    def _stop_when_it_is_enough(self) -> None:
        if self._prey is not None:
            self._shrinking += 1
            if self._shrinking > _SHRINKING:
                raise _EnoughError
        elif self._figures.examples >= self._most_examples:
            # Hypothesis would make up for those that were not assumed possible, or were the same.
            raise _EnoughError
        elif self._until is not None and time.perf_counter() > self._until:
            self._figures.is_stopped = True
            raise _EnoughError


@contextmanager
def _storage_elsewhere() -> Iterator[None]:
    """Hypothesis takes notes of the modules that it meets; they are not to be left in the user's directory."""
    before = configuration.__hypothesis_home_directory
    with tempfile.TemporaryDirectory(prefix="switchover-") as directory:
        configuration.set_hypothesis_home_dir(directory)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps + 1,  # drawing what is drawn once counts as one
        phases=(Phase.generate, Phase.shrink),
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
