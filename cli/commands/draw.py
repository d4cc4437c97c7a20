"""``switchover draw``: charts, traces, regions and the plots of a family, to a file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click
from switchover.excerpt import excerpt
from switchover.options import exploration_options, settings

#: Numbers that a plot is drawn with, on both sides of 0: beyond them its points cannot be told apart any more.
_LARGEST = 10**12
_WHOLE = f"from {-_LARGEST:,} to {_LARGEST:,}"

#: Of what a user gave, so many characters are repeated.
_MOST_SHOWN = 40


def _whole(text: str) -> int:
    """The whole number. Raises ValueError when it is none, or too large."""
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError
    return number


def _read_numbers(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """Each ``NAME=VALUE``."""
    numbers: dict[str, int] = {}
    for value in values:
        name, _, number = value.partition("=")
        _require_new(name, numbers, context, option)
        try:
            numbers[name] = _whole(number)
        except ValueError:
            expected = f"expected NAME=VALUE with a whole number {_WHOLE}"
            raise click.BadParameter(f"{excerpt(value, _MOST_SHOWN)!r}: {expected}", context, option) from None
    return numbers


def _read_ranges(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Each ``NAME=LOW:HIGH``."""
    ranges: dict[str, tuple[int, int]] = {}
    for value in values:
        name, _, ends = value.partition("=")
        _require_new(name, ranges, context, option)
        try:
            low, high = (_whole(each) for each in ends.split(":"))
        except ValueError:
            expected = f"expected NAME=LOW:HIGH with two whole numbers {_WHOLE}"
            raise click.BadParameter(f"{excerpt(value, _MOST_SHOWN)!r}: {expected}", context, option) from None
        ranges[name] = (low, high)
    return ranges


def _require_new(name: str, known: Collection[str], context: click.Context, option: click.Parameter) -> None:
    if name in known:
        raise click.BadParameter(f"{excerpt(name, _MOST_SHOWN)!r} is there twice: expected one value", context, option)


def _read_axes(context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """``X,Y``: the names of two quantities."""
    if value is None:
        return None
    names = [each.strip() for each in value.split(",")]
    if len(names) != 2 or not all(names):
        raise click.BadParameter(f"{value!r}: expected X,Y, the names of two quantities", context, option)
    return names[0], names[1]


@click.command()
@click.argument("selector", metavar="SELECTOR")
@click.option(
    "-o", "--output", required=True, metavar="FILE.(svg|png|pdf|dot|mmd)", help="Where to; says the format too."
)
@click.option(
    "--region",
    "axes",
    metavar="X,Y",
    callback=_read_axes,
    help="Draw the region in which the claim fails over two of the numbers left open, instead of its trace.",
)
@click.option(
    "--set",
    "fixed",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_read_numbers,
    help="With --region: the value of another number; otherwise it is that of the example.",
)
@click.option(
    "--range",
    "ranges",
    metavar="NAME=LOW:HIGH",
    multiple=True,
    callback=_read_ranges,
    help="With --region: what the axis of X or Y shows.",
)
@exploration_options
def command(
    selector: str,
    output: str,
    axes: tuple[str, str] | None,
    fixed: dict[str, int],
    ranges: dict[str, tuple[int, int]],
    **exploration: Any,
) -> int:
    """Draw an actor's chart, the trace or the region of a claim, or a plot of a family.

    SELECTOR is an actor's class (spice.link_timing:ClientSession, FILE.py:CLASS), a claim, result or property
    that has a trace (LT17, FILE.py:NAME:PROPERTY), or a family's plot (spice.mm_time:losses). A trace with times is
    drawn as a space-time diagram, any other as a sequence diagram.
    """
    from switchover.diagrams import FORMATS, DrawingError
    from switchover.drawing import RegionAxes, picture
    from switchover.errors import InputError
    from switchover.trace_files import write_atomically

    fmt = Path(output).suffix.removeprefix(".").lower()
    if fmt not in FORMATS:
        raise InputError(f"-o {output}: expected a name that ends in .{', .'.join(FORMATS)}")
    if axes is None and (fixed or ranges):
        raise InputError(f"{'--set' if fixed else '--range'}: is for a region; expected --region X,Y with it")
    if axes is not None:
        _check_region(axes, fixed, ranges)
    region = None if axes is None else RegionAxes(*axes, fixed, ranges)
    try:
        content = picture(selector, fmt, region, settings(**exploration))
    except DrawingError as error:
        raise InputError(f"{selector}: cannot be drawn: {error}") from None
    write_atomically(Path(output), content)
    return 0


def _check_region(axes: tuple[str, str], fixed: Collection[str], ranges: Collection[str]) -> None:
    """What axes show has a range, any other number has a value. Raises InputError."""
    from switchover.errors import InputError

    for name in (each for each in fixed if each in axes):
        raise InputError(f"--set {name}: is one of the axes; see --range {name}=LOW:HIGH")
    for name in (excerpt(each, _MOST_SHOWN) for each in ranges if each not in axes):
        raise InputError(f"--range {name}: is not one of the axes, {axes[0]} and {axes[1]}; see --set {name}=VALUE")
