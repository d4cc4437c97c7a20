"""Progress of explorations on stderr, when that is a terminal: states, rate, frontier, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status
from switchover.checks.explicit import Progress
from switchover.models.language import Open, System

from .terminal import progress_output
from .wording import count, size


class Reporter:
    """Shows one line, rewritten in place, for the exploration under way."""

    def __init__(self, console: Console | None) -> None:
        self._console = console

    @contextmanager
    def __call__(
        self, number: int, total: int, system: System, over: Open | None = None
    ) -> Iterator[Callable[[Progress | int], None] | None]:
        if self._console is None:
            yield None
            return
        heading = f"[{number + 1}/{total}] {system.name}"
        if over is not None:
            heading += f", for all {', '.join(each.name for each in over.quantities)}"
        with self._console.status(_plain(heading), spinner="dots") as status:
            yield lambda progress: _show(status, heading, progress)


def reporter() -> Reporter:
    """A reporter to stderr, silent when stderr is no terminal."""
    return Reporter(progress_output())


@contextmanager
def counter(heading: str) -> Iterator[Callable[[int], bool] | None]:
    """What a search that only counts its states may call with their number; None when nobody watches."""
    console = progress_output()
    if console is None:
        yield None
        return
    with console.status(_plain(heading), spinner="dots") as status:

        def show(states: int) -> bool:
            status.update(_plain(f"{heading}: {states:,} states"))
            return False

        yield show


def _show(status: Status, heading: str, progress: Progress | int) -> None:
    status.update(_plain(f"{heading}: {describe(progress)}"))


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def describe(progress: Progress | int) -> str:
    """``1,200,000 states (480,000 transitions/s), depth 31, frontier 52,000, 61 MiB``; ``800 examples`` of attacks."""
    if isinstance(progress, int):
        return count(progress, "example")
    return (
        f"{progress.states:,} states ({progress.rate:,.0f} transitions/s), depth {progress.depth}, "
        f"frontier {progress.frontier:,}, {size(progress.memory)}"
    )
