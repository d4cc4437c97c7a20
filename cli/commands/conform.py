"""``switchover conform``: is a recording a behaviour of the model?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from switchover.checks.conformance import Conformance


@click.command()
@click.argument("traces", nargs=-1, required=True, metavar="TRACE...")
@click.option("--max-states", metavar="N", type=click.IntRange(min=1), help="Give up on a recording after N states.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(traces: tuple[str, ...], max_states: int | None, as_json: bool) -> int:
    """Say of each recording (JSON lines) whether some run of the model produces it.

    Where none does: the line at which the longest explained prefix ends, what the model would have allowed
    there, and what stood in the way of the nearest action.

    Exit status: 0 all conform; 1 one does not; 2 wrong input; 3 one is undecided; 130 after Ctrl-C.
    """
    from switchover.checks.conformance import DIFFERS, STATE_LIMIT, UNKNOWN, conform_file
    from switchover.errors import InputError
    from switchover.progress import counter

    answers: list[Conformance] = []
    interrupted = False
    try:
        for number, trace in enumerate(dict.fromkeys(traces), start=1):
            with counter(f"[{number}/{len(traces)}] {trace}") as progress:
                answers.append(conform_file(trace, limit=max_states or STATE_LIMIT, interrupted=progress))
    except ValueError as error:
        raise InputError(str(error)) from None
    except KeyboardInterrupt:
        interrupted = True
    _print(answers, as_json)
    verdicts = {each.verdict for each in answers}
    if interrupted:
        return 130
    return 1 if DIFFERS in verdicts else 3 if UNKNOWN in verdicts else 0


def _print(answers: list[Conformance], as_json: bool) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"schema": 1, "results": [each.to_json() for each in answers]}, indent=1))
        return
    from switchover.conform_table import print_answers
    from switchover.terminal import output

    print_answers(output(), answers)
