"""Any value that a record may have, for Hypothesis; drawn from the record's own types and ranges."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from typing import Annotated, Any

from hypothesis import strategies as st
from switchover.models.language import Between, Message
from switchover.models.spice.protocol import link, main

#: Fields whose size the protocol prescribes, in bytes.
SIZES = {(main.Uuid, "uuid"): 16, (link.LinkReply, "pub_key"): 162}
CAPABILITIES = st.frozensets(st.integers(0, 200), max_size=6).map(lambda bits: tuple(sorted(bits)))
#: What a text can hold: everything but NUL and what is no character.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


def any_message(record: type[Message]) -> st.SearchStrategy[Message]:
    """Messages of one type."""
    hints = typing.get_type_hints(record, include_extras=True)
    return st.builds(record, **{each.name: _field(record, each.name, hints[each.name]) for each in fields(record)})  # type: ignore[arg-type]


def _field(record: type[Message], name: str, annotation: Any) -> st.SearchStrategy[Any]:
    if name.endswith("_caps"):
        return CAPABILITIES
    size = SIZES.get((record, name))
    return _values(annotation) if size is None else st.binary(min_size=size, max_size=size)


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        (limits,) = [each for each in arguments if isinstance(each, Between)]
        return st.integers(limits.low, limits.high)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_values(each) for each in arguments])
    if origin is tuple:
        return st.lists(_values(arguments[0]), max_size=4).map(tuple)
    if is_dataclass(annotation):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return st.builds(annotation, **{each.name: _values(hints[each.name]) for each in fields(annotation)})
    return {str: TEXTS, bytes: st.binary(max_size=40), types.NoneType: st.none()}[annotation]
