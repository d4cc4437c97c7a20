"""Errors an author of a model can meet, each one line naming the place and the remedy."""


class DefinitionError(Exception):
    """A class or a system is written in a way that cannot be given a meaning.

    Raised when the class or the system is made, never while it runs. The text is one line:
    where, what, and what would be right.
    """


class HandlerError(Exception):
    """A handler or guard broke a rule while it ran: wrote what is not declared, used a closed port.

    A step that raises it, or any other exception, ends as *error* (``docs/semantics.md``).
    """


class NondeterminismError(Exception):
    """A handler is not a function of (snapshot, event): the text names class, state, event and what differed."""
