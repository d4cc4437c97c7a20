"""``switchover conform``: is a recording a behaviour of the model?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from switchover.checks.conformance import Conformance
    from switchover.checks.conformance.stream_reports import StreamReports

    Answer = tuple[Conformance, StreamReports]


@click.command()
@click.argument("traces", nargs=-1, required=True, metavar="TRACE...")
@click.option(
    "--client",
    type=click.Choice(["shipped", "reference"]),
    default="shipped",
    show_default=True,
    help="Whose client it is: one like spice-gtk, or ours with all repairs.",
)
@click.option("--max-states", metavar="N", type=click.IntRange(min=1), help="Give up on a recording after N states.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(traces: tuple[str, ...], client: str, max_states: int | None, as_json: bool) -> int:
    """Say of each recording (JSON lines, or a packet capture: pcap, pcapng) whether some run of the model produces it.

    Either may be gzipped; which it is is told from how it begins. Of a capture: what is missing, was sent again or
    cannot be read is said beside the answer; where something is missing, nothing differs for certain.
    Where none does: the line at which the longest explained prefix ends, what the model would have allowed
    there, and what stood in the way of the nearest action. Of a recording with video streams also: how many of
    the client's stream reports are as the model's client predicts them, and the first that is not.

    Exit status: 0 all conform; 1 one does not; 2 wrong input; 3 one is undecided; 130 after Ctrl-C.
    """
    from switchover.checks.conformance import STATE_LIMIT
    from switchover.errors import InputError
    from switchover.progress import counter

    answers: list[Answer] = []
    interrupted = False
    try:
        for number, trace in enumerate(dict.fromkeys(traces), start=1):
            with counter(f"[{number}/{len(traces)}] {trace}") as progress:
                answers.append(_answer(trace, client, max_states or STATE_LIMIT, progress))
    except ValueError as error:
        raise InputError(str(error)) from None
    except KeyboardInterrupt:
        interrupted = True
    _print(answers, as_json)
    return 130 if interrupted else _status(answers)


def _answer(trace: str, client: str, limit: int, progress: Any) -> Answer:
    from switchover.checks.conformance import conform_recorded
    from switchover.checks.conformance.reading import read_file
    from switchover.checks.conformance.stream_reports import stream_reports_of
    from switchover.models.spice.link_timing.variant import ALL_REPAIRS

    recorded = read_file(trace)
    repairs = ALL_REPAIRS if client == "reference" else None
    return conform_recorded(recorded, client=repairs, limit=limit, interrupted=progress), stream_reports_of(recorded)


def _status(answers: list[Answer]) -> int:
    from switchover.checks.conformance import DIFFERS, UNKNOWN

    verdicts = {conformance.verdict for conformance, _ in answers}
    if DIFFERS in verdicts or any(reports.differs for _, reports in answers):
        return 1
    return 3 if UNKNOWN in verdicts or any(reports.is_undecided for _, reports in answers) else 0


def _print(answers: list[Answer], as_json: bool) -> None:
    if as_json:
        import json

        results = [{**first.to_json(), "stream_reports": second.to_json()} for first, second in answers]
        click.echo(json.dumps({"schema": 1, "results": results}, indent=1))
        return
    from switchover.conform_table import print_answers, print_reports
    from switchover.terminal import output

    console = output()
    print_answers(console, [conformance for conformance, _ in answers])
    for _, reports in answers:
        print_reports(console, reports, with_name=len(answers) > 1)
