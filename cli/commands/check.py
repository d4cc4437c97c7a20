"""``switchover check``: verdicts on claims and properties, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from switchover.options import exploration_options, settings

if TYPE_CHECKING:
    from switchover.answering import Answers
    from switchover.selection import Selection


@click.command()
@click.argument("selectors", nargs=-1, metavar="[SELECTOR|FILE.py[:NAME]]...")
@exploration_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--trace-dir", metavar="DIR", help="Write each trace to a JSON file in DIR, which is created.")
@click.option("--controls", is_flag=True, help="Check the mutations and repairs of the claims too.")
def command(
    selectors: tuple[str, ...], as_json: bool, trace_dir: str | None, controls: bool, **exploration: Any
) -> int:
    """Check claims and properties; without SELECTOR every claim.

    A SELECTOR is a family (spice.link_timing), a claim (LT03), one result of it (LT03/proposal), a system
    (spice.link_timing:shipped), one of its properties (spice.link_timing:shipped:NAME), or a pattern ("LT1*").
    FILE.py is a module of your own: its systems are checked, or only the one called NAME.
    """
    from switchover.answering import answer
    from switchover.progress import reporter
    from switchover.question import exit_status
    from switchover.selection import Selection

    selection = Selection(controls=controls)
    questions = selection.questions(selectors)
    if trace_dir is not None:
        from switchover.trace_files import make_directory

        make_directory(trace_dir)
    answers = answer(questions, settings(**exploration), reporter())
    if trace_dir is not None:
        from switchover.trace_files import write_traces

        write_traces(trace_dir, answers.results)
    _print(answers, selection, as_json)
    return 130 if answers.interrupted else exit_status(answers.results)


def _print(answers: Answers, selection: Selection, as_json: bool) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"schema": 1, "results": [each.to_json() for each in answers.results]}, indent=1))
        return
    from switchover.table import print_report
    from switchover.terminal import output

    print_report(output(), answers, list(selection.whole.values()), selection.whole_files)
