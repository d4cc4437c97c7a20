"""Makes the systems that the ledger speaks of: a design with its environment, its repairs, its mutations."""

from __future__ import annotations

from dataclasses import fields
from functools import cache, partial
from typing import Any

from switchover.models.language import System
from switchover.models.language.claim import SystemMaker

from . import proposal as post
from . import shipped as real
from . import strangers as anyone
from .channels import Kind
from .destination import Answers
from .proposal import Proposal
from .strangers import Strangers
from .variant import ALL_REPAIRS, LinkTiming, Mutations, Repairs

DISPLAY, CURSOR, INPUTS, PLAYBACK = Kind.DISPLAY, Kind.CURSOR, Kind.INPUTS, Kind.PLAYBACK

FAILS = {"may_fail": True, "may_cancel": True}
SILENT_SECOND_TARGET = (Answers.YES, Answers.YES, Answers.SILENT)
SILENT = (Answers.YES, Answers.SILENT)
REFUSING = (Answers.YES, Answers.REFUSES)
RETRY_ELSEWHERE: dict[str, Any] = {"may_fail": True, "targets": (1, 2), "hosts": 3, "channels": (DISPLAY,), "slots": 3}
RETRY_SILENT: dict[str, Any] = {**RETRY_ELSEWHERE, "seamless": True, "answers": SILENT_SECOND_TARGET}
CHAINED: dict[str, Any] = {"targets": (1, 2), "hosts": 3, "channels": (DISPLAY,), "waits_for_spice": False, "slots": 3}
THERE_AND_BACK: dict[str, Any] = {"targets": (1, 0), "slots": 3, "channels": (DISPLAY,)}


def _differences(variant: Any) -> str:
    """What a variant has otherwise than the default one, in words: ``seamless, may_fail``."""
    default = type(variant)()
    parts = []
    for field in fields(variant):
        value = getattr(variant, field.name)
        if value == getattr(default, field.name):
            continue
        if isinstance(value, Repairs | Mutations):
            whose = "the client's: " if field.name == "client_repairs" else ""
            parts.append(whose + ("all repairs" if value == ALL_REPAIRS else _differences(value)))
        else:
            parts.append(field.name if value is True else f"{field.name}={_text(value)}")
    return ", ".join(parts)


def _text(value: Any) -> str:
    return "+".join(_text(each) for each in value) if isinstance(value, tuple) else str(value)


@cache
def shipped(**choices: Any) -> SystemMaker:
    """Makes the shipped system with these choices (see ``LinkTiming``), or the seamless or repaired one."""
    variant = LinkTiming(**choices)
    design = "reference" if variant.repairs == ALL_REPAIRS else "seamless" if variant.seamless else "shipped"
    return partial(_shipped_system, design if variant.follows else "switch_host", variant)


def _shipped_system(design: str, variant: LinkTiming) -> System:
    differences = _differences(variant)
    return real.build(f"{design} ({differences})" if differences else design, variant)


def reference(**choices: Any) -> SystemMaker:
    """Makes our reference design: every repair on."""
    return shipped(repairs=ALL_REPAIRS, slots=3, **choices)


@cache
def strangers(**choices: Any) -> SystemMaker:
    """Makes our servers facing clients that say anything (see ``Strangers``)."""
    return partial(_strangers_system, Strangers(**choices))


def _strangers_system(variant: Strangers) -> System:
    return anyone.build(f"strangers ({_differences(variant)})", variant)


@cache
def proposal(**choices: Any) -> SystemMaker:
    """Makes the proposal of 2011 with these choices (see ``Proposal``)."""
    return partial(_proposal_system, Proposal(**choices))


def _proposal_system(variant: Proposal) -> System:
    differences = _differences(variant)
    return post.build(f"proposal ({differences})" if differences else "proposal", variant)


def there_and_back(count: int, **choices: Any) -> SystemMaker:
    """The reference design with 1 to 4 channels, for two migrations in a row."""
    channels = (DISPLAY, CURSOR, INPUTS, PLAYBACK)[:count]
    return reference(targets=(1, 0), may_fail=True, channels=channels, **choices)


def once(count: int, **choices: Any) -> SystemMaker:
    """The reference design with 1 to 4 channels, for one migration."""
    channels = (DISPLAY, CURSOR, INPUTS, PLAYBACK)[:count]
    return reference(may_fail=True, channels=channels, **choices)
