"""``switchover explain``: one claim at length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from switchover.options import exploration_options, settings

if TYPE_CHECKING:
    from switchover.question import Result


@click.command(short_help="Explain a claim, with its trace as a sequence diagram.")
@click.argument("claim", metavar="CLAIM")
@exploration_options
def command(claim: str, **exploration: Any) -> int:
    """Explain a claim: what is said, the verdict, its trace as a sequence diagram, and what changes the verdict.

    CLAIM is a claim (LT03), one result of it (LT03/proposal), or a property (FILE.py:NAME:PROPERTY).
    """
    from switchover.answering import answer
    from switchover.errors import InputError
    from switchover.progress import reporter
    from switchover.question import exit_status
    from switchover.selection import Selection

    selection = Selection()
    own = selection.questions([claim])
    controls = [each for each in selection.controls_of(own) if each not in own]
    answers = answer([*own, *controls], settings(**exploration), reporter())
    results = answers.results[: len(own)]
    if not results:
        raise InputError(f"{claim}: nothing to explain in it")
    _print(results, answers.results[len(own) :])
    return 130 if answers.interrupted else exit_status(results)


def _print(results: list[Result], controls: list[Result]) -> None:
    from switchover.explaining import print_claim, print_result
    from switchover.terminal import output

    console = output()
    for number, each in enumerate(results):
        claim = each.question.claim
        is_first = number == 0 or results[number - 1].question.claim is not claim
        is_last = number + 1 == len(results) or results[number + 1].question.claim is not claim
        if number:
            console.print()
        if claim is not None and is_first:
            print_claim(console, claim, each.question.family)
            console.print()
        print_result(console, each, [one for one in controls if is_last and one.question.claim is claim])
