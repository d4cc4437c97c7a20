"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .number import MORE_THAN_0_SECONDS

if TYPE_CHECKING:
    from .answering import Settings

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def _read_size(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """A number of bytes: ``512M``, ``2G``, ``1.5GiB``."""
    if value is None:
        return None
    matched = re.fullmatch(r"(\d{1,12}(?:\.\d{1,9})?) *([kmgt]?)(?:i?b)?", value.strip(), re.IGNORECASE | re.ASCII)
    size = int(float(matched[1]) * _UNITS[matched[2].lower()]) if matched else 0
    if size < 1:
        raise click.BadParameter(f"{value!r} is no size; expected for example 512M or 2G", context, option)
    return size


def _read_bounds(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """Each ``NAME=N``: a bound of the exploration and its value."""
    if not values:
        return {}
    from .answering import bound_names

    bounds = {}
    for value in values:
        name, _, number = value.partition("=")
        if name not in bound_names():
            raise click.BadParameter(f"{name!r} is no bound; there are {', '.join(bound_names())}", context, option)
        if not re.fullmatch(r"[1-9][0-9]{0,8}", number):
            raise click.BadParameter(f"{value!r}: expected {name}=N with a number from 1 on", context, option)
        bounds[name] = int(number)
    return bounds


_EXPLORATION_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice(["auto", "explicit", "symbolic", "stateful"]),
        default="auto",
        help="Who answers. What an engine that is not there would have to answer is unknown.",
    ),
    click.option(
        "--bound",
        "bounds",
        metavar="NAME=N",
        multiple=True,
        callback=_read_bounds,
        help="Replace a bound of the systems: queue=N messages under way, depth=N steps; of the stateful engine: "
        "examples=N, steps=N of each.",
    ),
    click.option(
        "--max-states",
        metavar="N",
        type=click.IntRange(min=1),
        help="Give up on a system that has more states: its verdicts are unknown.",
    ),
    click.option(
        "--max-memory",
        metavar="SIZE",
        callback=_read_size,
        help="Give up on a system that needs more memory: 512M, 2G.",
    ),
    click.option(
        "--max-seconds",
        metavar="N",
        type=MORE_THAN_0_SECONDS,
        help="Give up on a search over numbers left open, or on an attack, that takes longer.",
    ),
    click.option(
        "--seed",
        metavar="N",
        type=click.IntRange(min=0),
        help="What the stateful engine draws from: the same seed draws the same.",
    ),
)


def exploration_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how questions are answered; ``settings`` takes their values."""
    for option in reversed(_EXPLORATION_OPTIONS):
        command = option(command)
    return command


def settings(
    engine: str,
    bounds: dict[str, int],
    max_states: int | None,
    max_memory: int | None,
    max_seconds: float | None,
    seed: int | None,
) -> Settings:
    """The shared options as one value. Raises UsageError for what is for another engine than the one that answers."""
    from switchover.checks.explicit import Limits

    from .answering import EFFORT, Settings

    effort = {name: number for name, number in bounds.items() if name in EFFORT}
    if engine != "stateful" and (effort or seed is not None):
        given = "--seed" if seed is not None else f"--bound {next(iter(effort))}"
        raise click.UsageError(f"{given}: is for the stateful engine; expected --engine stateful with it")
    own = {name: number for name, number in bounds.items() if name not in EFFORT}
    return Settings(engine, own, Limits(max_states, max_memory), max_seconds, effort, seed or 0)
