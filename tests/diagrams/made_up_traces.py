"""Hypothesis strategies for traces that no system made: anything a trace's types allow."""

from __future__ import annotations

from hypothesis import strategies as st
from switchover.models.language import Change, Flight, Part, Trace, TraceStep

KINDS = ("deliver", "task", "decide", "timeout", "early", "cut", "crash", "restart")

words = st.text(min_size=1, max_size=24)
names = st.from_regex(r"[a-z_]{1,16}(\[[0-9]\])?", fullmatch=True)


@st.composite
def made_up_traces(draw: st.DrawFn, most_actors: int = 12) -> Trace:
    """Traces of up to ``most_actors`` actors: deliveries out of order, lost messages, calls, faults, odd names."""
    actors = tuple(draw(st.lists(names, min_size=1, max_size=most_actors, unique=True)))
    members = st.sampled_from(actors)
    flights = st.builds(Flight, st.sampled_from(("main", "display")), members, st.sampled_from(("A", "Opened", "B(1)")))
    parts = st.builds(Part, members, words, st.lists(words, max_size=2).map(tuple))
    states = st.none() | st.tuples(words, words)
    variables = st.dictionaries(names, st.tuples(words, words), max_size=2)
    steps = st.builds(
        TraceStep,
        kind=st.sampled_from(KINDS),
        subject=st.sampled_from(("main", "display")),
        actor=members,
        message=st.sampled_from(("A", "Opened", "B(1)", "Lost")) | words,
        sender=members,
        parts=st.lists(parts, max_size=3).map(tuple),
        changes=st.lists(st.builds(Change, members, states, variables), max_size=3, unique_by=lambda c: c.actor).map(
            tuple
        ),
        sent=st.lists(flights, max_size=3).map(tuple),
        dropped=st.lists(flights, max_size=2).map(tuple),
    )
    body = draw(st.lists(steps, max_size=9))
    failed = st.builds(TraceStep, st.just("deliver"), words, members, words, members, st.just("error"), words)
    last = draw(st.none() | failed)
    return Trace(draw(words), actors, tuple(body if last is None else [*body, last]))
