"""What became of simulated handovers: for people, and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.runtime.spice.scenario_session import Attempt, Fate

from .handover_table import handover_json
from .simulating import Simulation, Spread
from .wording import count, duration

_STYLES = {Fate.COMPLETED: "green", Fate.CANCELLED: "yellow", Fate.FAILED: "yellow"}
_SHOWN = 8


def print_simulation(console: Console, simulation: Simulation, seconds: float) -> None:
    """The tables, and what was wrong. ``seconds``: that it took."""
    console.print(Text(count(len(simulation.attempts), "handover"), "bold"))
    for line in _fates(simulation, console.width):
        console.print(line)
    console.print()
    console.print(_spreads(simulation))
    for text, times in simulation.complaints.most_common():
        console.print(Text(f"not allowed, {count(times, 'time')}: {text}", "bold red"), soft_wrap=True)
    if simulation.leaking:
        _say(console, f"connections left behind after {_numbers(simulation.leaking)}", "bold red")
    if simulation.wrong:
        _say(console, f"wrong: {_numbers(simulation.wrong)}; --show {simulation.wrong[0]} shows one")
    rate = len(simulation.attempts) / seconds if seconds > 0 else 0.0
    _say(console, f"{duration(simulation.seconds)} of virtual time in {duration(seconds)}: {rate:,.0f} handovers/s")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(textwrap.fill(text, console.width, subsequent_indent="  "), style))


def _fates(simulation: Simulation, width: int) -> Iterator[Text]:
    """A line for each: how often, and how, or which; with little room that is continued below."""
    fates, methods = simulation.fates, simulation.methods
    shown = [fate for fate in Fate if fates[fate]]
    names = max((len(str(fate)) for fate in shown), default=0)
    figures = max((len(f"{fates[fate]:,}") for fate in shown), default=0)
    for fate in shown:
        said = _numbers(simulation.numbers(fate))
        if fate is Fate.COMPLETED:
            said = ", ".join(f"{times:,} {method}" for method, times in methods.most_common())
        elif fate in _STYLES:
            said = ""
        indent = " " * (names + figures + 4)
        figure = f"{fate!s:<{names}}  {fates[fate]:>{figures},}"
        filled = textwrap.fill(f"{figure}  {said}", width, subsequent_indent=indent, break_on_hyphens=False)
        line = Text(filled.rstrip())
        line.stylize(_STYLES.get(fate, "bold red"), 0, names)
        yield line


def _spreads(simulation: Simulation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("completed", no_wrap=True)
    for heading in ("median", "95 %", "max"):
        table.add_column(heading, no_wrap=True, justify="right")
    for name, found in simulation.spreads().items():
        table.add_row(name.replace("_", " "), *_cells(name, found))
    return table


def _cells(name: str, found: Spread | None) -> tuple[str, str, str]:
    if found is None:
        return "–", "–", "–"
    values = found.median, found.percentile_95, found.largest
    low, middle, high = (f"{each:,.0f}" if name == "frames_lost" else duration(each) for each in values)
    return low, middle, high


def _numbers(numbers: list[int]) -> str:
    """``handover 7``, ``handovers 7, 9 and 12``, and no more than a few."""
    if len(numbers) == 1:
        return f"handover {numbers[0]}"
    shown = numbers[:_SHOWN] if len(numbers) > _SHOWN else numbers[:-1]
    rest = f"{len(numbers) - _SHOWN:,} more" if len(numbers) > _SHOWN else str(numbers[-1])
    return f"handovers {', '.join(map(str, shown))} and {rest}"


def simulation_json(simulation: Simulation, seconds: float) -> dict[str, Any]:
    """As plain data; times are in seconds."""
    return {
        "schema": 1,
        "seed": simulation.seed,
        "handovers": len(simulation.attempts),
        "fates": {str(fate): simulation.fates[fate] for fate in Fate},
        "methods": dict(simulation.methods),
        "spreads": {name: _spread_json(found) for name, found in simulation.spreads().items()},
        "not_allowed": dict(simulation.complaints),
        "leaking": simulation.leaking,
        "wrong": simulation.wrong,
        "virtual_seconds": round(simulation.seconds, 6),
        "seconds": round(seconds, 3),
        "attempts": [attempt_json(each) for each in simulation.attempts],
    }


def _spread_json(found: Spread | None) -> dict[str, float] | None:
    if found is None:
        return None
    values = {"median": found.median, "95": found.percentile_95, "max": found.largest, "count": found.count}
    return {name: round(value, 6) for name, value in values.items()}


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """One attempt; the times of its handovers are in seconds since it began."""
    return {
        "source": attempt.source,
        "target": attempt.plan.target,
        "ending": attempt.plan.ending.value,
        "fate": str(attempt.fate),
        "guest": attempt.guest,
        "client": attempt.client,
        "followed_at_once": attempt.was_followed_at_once,
        "not_allowed": list(attempt.not_allowed),
        "leaked": attempt.leaked,
        "handovers": [handover_json(each, attempt.began) for each in attempt.handovers],
    }
