"""``switchover bench``: speed and memory against peers, as ratios in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from switchover.checks.bench import AnyRow


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option(
    "--repeat", metavar="N", type=click.IntRange(min=1), default=3, help="Measure N times, report medians (3)."
)
def command(names: tuple[str, ...], as_json: bool, repeat: int) -> int:
    """Measure the explicit engine against SPIN on the same systems, the symbolic one, event by event, against
    single values on a grid, and the runtime against tshark and spice-gtk; without NAME all of it.

    SPIN must find the same states and transitions, to the unit, and tshark as many messages; where they do not, the
    status is 1. Peers that are not installed are left out, and the table says so.
    """
    from switchover.checks.bench import BenchError, run
    from switchover.checks.bench import names as known
    from switchover.errors import InputError
    from switchover.selection import unknown

    for name in names:
        if name not in known():
            raise InputError(unknown(name, known(), f"there are {', '.join(known())}"))
    rows: list[AnyRow] = []
    failed = interrupted = False
    try:
        for name in dict.fromkeys(names or known()):
            rows += run([name], repeat=repeat)
    except BenchError as error:
        failed = True
        click.echo(f"switchover bench: {error}", err=True)
    except KeyboardInterrupt:
        interrupted = True
    _print(rows, as_json)
    return 130 if interrupted else int(failed)


def _print(rows: list[AnyRow], as_json: bool) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"schema": 1, "results": [each.to_json() for each in rows]}, indent=1))
        return
    from switchover.bench_table import print_rows
    from switchover.terminal import output

    print_rows(output(), rows)
