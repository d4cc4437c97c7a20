"""Charts: what is extracted from an actor, and what the pictures of it show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

import pytest
from drawn_systems import Administrator, Channel, Session, Source, Target
from switchover.diagrams import Cause, chart_model, draw_chart
from switchover.diagrams.metrics import text_width
from switchover.models.language import Actor, Message, Port, State

SVG = "{http://www.w3.org/2000/svg}"
ACTORS = (Session, Channel, Source, Target, Administrator)


class Nudge(Message):
    pass


class Stop(Message):
    pass


class Worker(Actor):
    """Many states that all stop alike; ``nudge`` is named like a word of DOT: graph, node & "edge"."""

    boss = Port(receives=(Nudge, Stop))

    node = State(initial=True)
    graph = State()
    edge = State()
    end = State()
    stopped = State(final=True)

    nudge = node.to(graph) | graph.to(edge) | edge.to(end) | end.to(None)
    stop = node.to(stopped) | graph.to(stopped) | edge.to(stopped) | end.to(stopped)


def texts(svg: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


def boxes(svg: bytes) -> Iterator[tuple[str, float, float, float, float]]:
    for each in texts(svg):
        text, size = each.text or "", float(each.get("font-size", "14"))
        width = text_width(text, size, each.get("font-weight") == "bold")
        x, y = float(each.get("x", "0")), float(each.get("y", "0"))
        left = x - width / 2 if each.get("text-anchor") == "middle" else x
        yield text, left, y - 0.7 * size, left + width, y


def test_model_of_a_chart_with_a_compound() -> None:
    model = chart_model(Session)
    states = {each.name: each for each in model.states}
    assert model.name == "Session"
    assert model.summary == "Client side of the main channel."
    assert states["moving"].compound
    assert states["linking"].parent == "moving"
    assert states["linking"].initial
    assert states["broken"].final
    assert states["on_source"].may_stay
    assert not states["completed"].may_stay
    assert [each.name for each in model.children("moving")] == ["linking", "linked"]


def test_model_says_what_causes_each_transition() -> None:
    model = chart_model(Session)
    causes = {(each.source, each.event): each.cause for each in model.transitions}
    assert causes["on_source", "MigrateBegin"] is Cause.MESSAGE
    assert causes["moving", "target refused"] is Cause.CONNECTION
    assert causes["moving", "link_limit"] is Cause.TIMER
    assert causes["completed", "tidy"] is Cause.TASK
    assert causes["linking", ""] is Cause.EVENTLESS
    assert {each.cause for each in chart_model(Administrator).transitions} == {Cause.DECISION}


def test_model_keeps_guards_actions_and_what_is_ignored() -> None:
    model = chart_model(Session)
    ends = {each.target: each for each in model.transitions if each.event == "MigrateEnd"}
    assert ends["completed"].suffix == "[all_linked]"
    assert ends["broken"].suffix == "[else]"
    limit = next(each for each in model.transitions if (each.source, each.event) == ("moving", "link_limit"))
    assert limit.suffix == "[not all_linked] / give_up"
    ignored = {(each.source, each.event) for each in model.transitions if each.ignores}
    assert ("on_source", "MigrateCancel") in ignored
    assert ("moving", "LinkReply") not in ignored
    assert ("completed", "MigrateBegin") not in ignored, "on_migrate_begin acts there"


def test_what_many_states_do_alike_is_told_once() -> None:
    model = chart_model(Worker)
    assert {ends: [each.event for each in group] for ends, group in model.shared().items()} == {
        (("node", "graph", "edge", "end"), "stopped"): ["Stop"]
    }
    assert ("node", "stopped") not in model.arrows()
    assert not chart_model(Session).shared()


def test_only_actor_classes_have_charts() -> None:
    with pytest.raises(TypeError, match="is not an Actor class"):
        chart_model(int)  # type: ignore[type-var]
    with pytest.raises(TypeError, match="is not an Actor class"):
        chart_model(Session())  # type: ignore[arg-type]


@pytest.mark.parametrize("actor", [*ACTORS, Worker])
def test_svg_names_each_state_once_and_every_event(actor: type[Actor]) -> None:
    model = chart_model(actor)
    shown = [each.text or "" for each in texts(draw_chart(actor, "svg"))]
    for state in model.states:
        bold = [text for text in shown if text == state.name]
        assert len(bold) == 1, state.name
    together = " ".join(shown).replace("\xa0", " ")
    for each in model.transitions:
        assert each.event.split(" ")[-1] in together
        for guard in each.guards:
            assert guard in re.sub(r" +", " ", together)


@pytest.mark.parametrize("actor", [*ACTORS, Worker])
def test_no_texts_of_a_chart_overlap(actor: type[Actor]) -> None:
    for one, other in combinations(boxes(draw_chart(actor, "svg")), 2):
        apart = one[3] <= other[1] + 1 or other[3] <= one[1] + 1 or one[4] <= other[2] + 1 or other[4] <= one[2] + 1
        assert apart, (one, other)


def test_dot_merges_what_leads_from_one_state_to_another() -> None:
    source = draw_chart(Session, "dot").decode()
    assert source.startswith("digraph Session {")
    assert "subgraph cluster_moving" in source
    backs = [line for line in source.splitlines() if "give_up" in line and "->" in line]
    assert len(backs) == 1
    assert all(event in backs[0] for event in ("MigrateCancel", "target refused/lost", "link_limit"))
    assert source.count("peripheries=2") == 1


def test_mermaid_has_each_state_and_nests_compounds() -> None:
    lines = draw_chart(Session, "mmd").decode().splitlines()
    assert lines[:4] == ["---", 'title: "Session"', "---", "stateDiagram-v2"]
    declared = [line.strip() for line in lines if line.strip().startswith('state "')]
    assert sorted(declared) == sorted(f'state "{each.name}" as s_{each.name}' for each in chart_model(Session).states)
    assert sum(line.rstrip().endswith("{") for line in lines) == sum(line.strip() == "}" for line in lines) == 1
    assert lines.count("    s_broken --> [*]") == 1
    arrows = [line for line in lines if re.match(r"    s_moving --> s_on_source : ", line)]
    assert len(arrows) == 1
    assert arrows[0].count("<br/>") == 2


def test_mermaid_words_are_no_state_names() -> None:
    text = draw_chart(Worker, "mmd").decode()
    assert 'state "#101;nd" as s_end' in text
    assert re.search(r"^ +end$", text, re.MULTILINE) is None
