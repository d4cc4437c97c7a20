"""What came from the other side is not SPICE."""

from __future__ import annotations


class MalformedError(ValueError):
    """One line: which message, which field, what was expected, what came. The connection cannot go on."""
