"""Texts that somebody else gave, fit to be shown."""

from __future__ import annotations


def excerpt(text: str, most: int) -> str:
    """The text; of a longer one ``most`` characters and an ellipsis."""
    return text if len(text) <= most else text[:most] + "…"


def printable(text: str) -> str:
    """The text without what would control a terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
