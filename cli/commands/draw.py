"""``switchover draw``: charts, traces, regions and the plots of a family, to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from switchover.options import exploration_options, settings


def _read_numbers(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """Each ``NAME=VALUE``."""
    numbers: dict[str, int] = {}
    for value in values:
        name, _, number = value.partition("=")
        try:
            numbers[name] = int(number)
        except ValueError:
            raise click.BadParameter(f"{value!r}: expected NAME=VALUE with a whole number", context, option) from None
    return numbers


def _read_ranges(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Each ``NAME=LOW:HIGH``."""
    ranges: dict[str, tuple[int, int]] = {}
    for value in values:
        name, _, ends = value.partition("=")
        try:
            low, high = (int(each) for each in ends.split(":"))
        except ValueError:
            raise click.BadParameter(
                f"{value!r}: expected NAME=LOW:HIGH with two whole numbers", context, option
            ) from None
        ranges[name] = (low, high)
    return ranges


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
    region = None if axes is None else RegionAxes(*axes, fixed, ranges)
    try:
        content = picture(selector, fmt, region, settings(**exploration))
    except DrawingError as error:
        raise InputError(f"{selector}: cannot be drawn: {error}") from None
    write_atomically(Path(output), content)
    return 0
