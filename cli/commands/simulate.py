"""``switchover simulate``: handovers in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from switchover.number import Number

if TYPE_CHECKING:
    from switchover.runtime.spice.scenarios import Scenario
    from switchover.simulating import Simulation

_RATE = Number(0, 1)
_MILLISECONDS = Number(0, 3_600_000)
_SECONDS = Number(0, 86_400)

#: Option, type, default, help; how often: of an attempt, from 0 to 1.
_NUMBERS: tuple[tuple[str, Any, Any, str], ...] = (
    (
        "--latency",
        _MILLISECONDS,
        10.0,
        "Of what travels, each way, in ms; between client and target drawn anew, up to twice that.",
    ),
    ("--jitter", _MILLISECONDS, 5.0, "On top of --latency, in ms, drawn for each piece that travels."),
    ("--skew", _SECONDS, 100.0, "The hosts' clocks are up to so many seconds apart."),
    ("--migration-time", _SECONDS, 1.0, "A migration takes up to so many seconds."),
    ("--fail-rate", _RATE, 0.0, "How often a migration fails, from 0 to 1."),
    ("--cancel-rate", _RATE, 0.0, "How often a migration is cancelled."),
    ("--too-early-rate", _RATE, 0.0, "How often the guest goes without waiting for the client."),
    ("--at-once-rate", _RATE, 0.0, "How often the next migration begins at once when one did not complete."),
    ("--ticket-expires-rate", _RATE, 0.0, "How often the target's ticket lives for less than a second."),
    ("--refusal-rate", _RATE, 0.0, "How often the target takes no clients."),
    ("--cut-rate", _RATE, 0.0, "How often connections of the client break."),
)


def _numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, kind, default, text in reversed(_NUMBERS):
        metavar = "P" if kind is _RATE else "MS" if kind is _MILLISECONDS else "S"
        function = click.option(name, type=kind, default=default, metavar=metavar, show_default=True, help=text)(
            function
        )
    return function


def _whole(low: int, high: int | None = None) -> click.IntRange:
    found = click.IntRange(low, high)
    # What click calls it in its errors.
    found.name = "whole number"
    return found


@click.command()
@click.option(
    "--design",
    type=click.Choice(["shipped", "seamless", "reference"]),
    default="shipped",
    show_default=True,
    help="How the hosts' servers behave.",
)
@click.option(
    "--client",
    type=click.Choice(["reference", "shipped"]),
    default="reference",
    show_default=True,
    help="How the client behaves.",
)
@click.option("--switch-host", is_flag=True, help="The client does not announce that it can link beforehand.")
@click.option(
    "--handovers",
    type=_whole(1, 10_000_000),
    metavar="N",
    default=100,
    show_default=True,
    help="How many, over all sessions.",
)
@click.option(
    "--session",
    type=_whole(1, 1000),
    metavar="N",
    default=5,
    show_default=True,
    help="Handovers of one client; then a new client begins, with new hosts.",
)
@click.option(
    "--hosts",
    type=_whole(2, 26),
    metavar="N",
    default=3,
    show_default=True,
    help="Of each session; its guest goes from one to another.",
)
@click.option(
    "--seed",
    type=_whole(0),
    metavar="N",
    default=0,
    show_default=True,
    help="What is drawn: the same seed, the same handovers.",
)
@_numbers
@click.option("--no-video", is_flag=True, help="The guest's screen stays as it is: faster, and nothing to be lost.")
@click.option("--show", type=_whole(1), metavar="K", help="Show what happened in the K-th handover.")
@click.option("--all", "everything", is_flag=True, help="With --show: every message.")
@click.option("-o", "--output", metavar="FILE.(svg|png|pdf)", help="Draw how long clients were without picture.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(
    handovers: int, seed: int, show: int | None, everything: bool, output: str | None, as_json: bool, **options: Any
) -> int:
    """Hand clients over in virtual time, and say what became of them.

    The endpoints are those that run on real sockets, every message crosses a simulated network as bytes. In each
    session a client connects, and its guest is migrated from host to host; each migration has delays, an ending and
    faults of its own, drawn from the seed: the same seed gives the same handovers.

    Exit status: 0; 1 a client ended where its guest is not, or was lost without need, or something came that no chart
    expects, or connections were left behind; 2 wrong input, or nothing to draw with -o; 130 after Ctrl-C, with what
    was found until then.
    """
    from switchover.errors import InputError
    from switchover.simulating import Simulation

    simulation = Simulation(_scenario(options), seed)
    _check_output(output, has_video=not options["no_video"])
    if show is None and everything:
        raise InputError("--all needs --show: tables have no messages")
    if show is None:
        return _simulate(simulation, handovers, output, as_json)
    if show > handovers:
        raise InputError(f"--show {show}: there are {handovers} handovers, numbered from 1")
    if as_json or output is not None:
        raise InputError("--show prints a timeline: expected neither --json nor -o with it")
    from switchover.simulating_timeline import show_handover
    from switchover.terminal import output as console

    return int(show_handover(console(), simulation, handovers, show, everything).is_wrong)


def _simulate(simulation: Simulation, handovers: int, output: str | None, as_json: bool) -> int:
    import json
    from time import perf_counter

    from switchover.simulating_table import print_simulation, simulation_json
    from switchover.terminal import output as console

    began = perf_counter()
    simulation.play(handovers)
    seconds = perf_counter() - began
    if as_json:
        click.echo(json.dumps(simulation_json(simulation, seconds), indent=1))
    else:
        print_simulation(console(), simulation, seconds)
    is_drawn = output is None or _draw(simulation, output)
    if simulation.interrupted:
        return 130
    return int(bool(simulation.wrong)) if is_drawn else 2


def _scenario(options: dict[str, Any]) -> Scenario:
    from dataclasses import replace

    from switchover.errors import InputError
    from switchover.runtime.spice.host_options import Video
    from switchover.runtime.spice.scenarios import Scenario
    from switchover.server_design import server_design
    from switchover.spice_address import client_options

    if options["fail_rate"] + options["cancel_rate"] > 1:
        raise InputError(
            f"--fail-rate {options['fail_rate']:g} and --cancel-rate {options['cancel_rate']:g}: together at most 1"
        )
    rates = {name: options[name] for name in options if name.endswith("_rate")}
    client = replace(client_options(options["client"]), follows=not options["switch_host"])
    return Scenario(
        server_design(options["design"]),
        client,
        hosts=options["hosts"],
        attempts=options["session"],
        latency=options["latency"] / 1000,
        jitter=options["jitter"] / 1000,
        skew=options["skew"],
        migration_time=options["migration_time"],
        video=None if options["no_video"] else Video(),
        **rates,
    )


def _check_output(output: str | None, *, has_video: bool) -> None:
    """Handovers take a while: what can be known to go wrong behind them is said before. Raises InputError."""
    import os
    from pathlib import Path

    from switchover.diagrams import PICTURE_FORMATS
    from switchover.errors import InputError

    if output is None:
        return
    path = Path(output)
    if path.suffix.removeprefix(".").lower() not in PICTURE_FORMATS:
        raise InputError(f"-o {output}: expected a name that ends in .{', .'.join(PICTURE_FORMATS)}")
    if not has_video:
        raise InputError(f"-o {output}: draws how long clients were without picture; expected no --no-video with it")
    if path.is_dir():
        raise InputError(f"-o {output}: is a directory")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)):
        raise InputError(f"-o {output}: expected a name in a directory that is there and can be written to")


def _draw(simulation: Simulation, output: str) -> bool:
    """Whether there was something to draw; else a line on stderr says what was missing."""
    from pathlib import Path

    from switchover.diagrams import draw_handovers
    from switchover.trace_files import write_atomically

    groups = {
        method: [each.blackout for each in simulation.completed if str(each.method) == method and each.blackout]
        for method in simulation.methods
    }
    found = {method: values for method, values in groups.items() if values}
    if not found:
        click.echo(f"switchover: -o {output}: not drawn: no handover had pictures before and after", err=True)
        return False
    write_atomically(Path(output), draw_handovers(found, output))
    return True
