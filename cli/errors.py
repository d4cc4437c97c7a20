"""What a user gave is wrong: said in one line, exit status 2."""

from __future__ import annotations


class InputError(Exception):
    """A selector, file or option that cannot be used. The text is one line: where, what, what would be right."""
