"""Class bodies as an author might write them; names as in the preamble of ``conftest.py``."""

from __future__ import annotations


def in_handler(statement: str) -> str:
    return f"""
    class Role(Base):
        def on_go(self, message):
            {statement}
    """


def in_helper(*lines: str) -> str:
    body = "\n            ".join(lines)
    return f"""
    class Role(Base):
        def helper(self, message=None):
            {body}
    """


def chart(*lines: str) -> str:
    body = "\n        ".join(lines)
    return f"""
    class Role(Actor):
        port = Port(receives=(Go,), sends=(Done,))
        flag: bool = variable(False)
        count: Annotated[int, Between(0, 3)] = variable(0)
        idle = State(initial=True)
        busy = State()
        {body}
    """


def plain(*lines: str) -> str:
    return chart("go = idle.to(busy)", "back = Decision(busy.to(idle))", *lines)
