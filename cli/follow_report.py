"""What ``follow`` reports at the end: a row for each handover, and whether the model explains what was seen."""

from __future__ import annotations

import json

from rich.console import Console
from rich.text import Text

from .following import Following
from .handover_table import handover_json, print_handovers
from .judging_words import departure_json, instead, verdict_text
from .notes import Section, print_section

_NOTHING = "nothing that shows was possible"


def print_report(console: Console, following: Following) -> None:
    """For a person."""
    judgement = following.judgement
    console.print()
    print_handovers(console, following.log, following.recording.host)
    if not following.is_in_service:
        reason = following.refusals.reason
        state = following.last_state + ("" if reason is None else f": {reason}")
        console.print(Text(f"not in service at the end: the session was {state}", "bold red"))
    console.print()
    verdict = verdict_text(judgement, following.lines, following.moment)
    if judgement.is_wrong:
        print_section(console, Section(verdict, "bold red", instead(judgement) or (_NOTHING,)))
    else:
        console.print(Text(verdict))


def report_json(following: Following) -> str:
    """As one JSON object; times are in seconds since the beginning."""
    report = {
        "schema": 1,
        "state": following.client.state,
        "in_service": following.is_in_service,
        "reason": following.refusals.reason,
        "handovers": [handover_json(each, following.began) for each in following.log.handovers],
        "not_allowed": [each.text for each in following.log.not_allowed],
        "conformance": following.judgement.verdict,
        "departure": departure_json(following.judgement, following.moment),
    }
    return json.dumps(report, indent=1)
