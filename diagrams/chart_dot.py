"""A chart as a Graphviz graph."""

from __future__ import annotations

from html import escape

import graphviz

from . import palette
from .chart import Cause, ChartModel, ChartState, ChartTransition
from .chart_labels import COLUMNS, PENS, LabelLine, arrow_lines, inner_lines
from .metrics import FONT_FAMILY, shorten, wrap

_LEGEND_IN_ONE_ROW = 3


def chart_source(model: ChartModel) -> str:
    """The chart as DOT text, the same every time."""
    graph = graphviz.Digraph(model.name)
    graph.attr(compound="true", rankdir="TB", nodesep="0.45", ranksep="0.55", pad="0.2")
    graph.attr(fontname=FONT_FAMILY, labelloc="t", label=_heading(model))
    graph.attr("node", fontname=FONT_FAMILY, fontsize="12", fontcolor=palette.INK, color=palette.STATE_STROKE)
    graph.attr("node", shape="box", style="rounded,filled", fillcolor=palette.STATE_FILL, margin="0.14,0.08")
    graph.attr("edge", fontname=FONT_FAMILY, fontsize="10", arrowsize="0.7", penwidth="1.1")
    _add_states(graph, model, "")
    for (source, target), transitions in model.arrows().items():
        _add_arrow(graph, model, source, target, transitions)
    for number, ((sources, target), transitions) in enumerate(model.shared().items()):
        _add_shared(graph, model, f"shared {number}", sources, target, transitions)
    return str(graph.source)


def _heading(model: ChartModel) -> str:
    rows = [f'<TR><TD><FONT POINT-SIZE="16"><B>{escape(model.name)}</B></FONT></TD></TR>']
    if model.summary:
        lines = "<BR/>".join(escape(line) for line in wrap(shorten(model.summary, 140), 72))
        rows.append(f'<TR><TD><FONT POINT-SIZE="11" COLOR="{palette.FAINT}">{lines}</FONT></TD></TR>')
    entries = [_legend_entry(cause) for cause in model.causes()] if len(model.causes()) > 1 else []
    if any(state.may_stay and not state.final for state in model.states):
        entries.append(f'<FONT COLOR="{palette.INK}"><B>bold frame</B>: may stay for ever</FONT>')
    for start in range(0, len(entries), _LEGEND_IN_ONE_ROW):
        row = " &#160; &#160; ".join(entries[start : start + _LEGEND_IN_ONE_ROW])
        rows.append(f'<TR><TD><FONT POINT-SIZE="9">{row}</FONT></TD></TR>')
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{"".join(rows)}</TABLE>>'


def _legend_entry(cause: Cause) -> str:
    pen = PENS[cause]
    return f'<FONT COLOR="{pen.colour}">{pen.sign or ("╌ " if pen.dashed else "— ")}{cause.value}</FONT>'


def _add_states(graph: graphviz.Digraph, model: ChartModel, parent: str) -> None:
    for state in model.children(parent):
        if state.compound:
            with graph.subgraph(name=f"cluster_{state.name}") as inside:
                inside.attr(label=_state_label(model, state), labeljust="l", style="rounded", **_frame(state))
                inside.attr(bgcolor="#f8fafc")
                _add_states(inside, model, state.name)
        else:
            rings = {"peripheries": "2"} if state.final else {}
            graph.node(state.name, label=_state_label(model, state), **rings, **_frame(state))
        if state.initial:
            dot = _initial_dot(parent)
            graph.node(dot, label="", shape="circle", width="0.14", fixedsize="true", style="filled", fillcolor="black")
            ends = {"lhead": f"cluster_{state.name}"} if state.compound else {}
            graph.edge(dot, _entry(model, state.name), **ends)


def _frame(state: ChartState) -> dict[str, str]:
    return {"penwidth": "2.4" if state.may_stay and not state.final else "1.1", "color": palette.STATE_STROKE}


def _state_label(model: ChartModel, state: ChartState) -> str:
    lines = inner_lines(model, state.name)
    name = f'<FONT POINT-SIZE="12"><B>{escape(state.name)}</B></FONT>'
    if not lines:
        return f"<{name}>"
    inner = f'<FONT POINT-SIZE="9">{_html(lines)}</FONT>'
    rows = f'<TR><TD>{name}</TD></TR><TR><TD BALIGN="LEFT" ALIGN="LEFT">{inner}</TD></TR>'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>>'


def _html(lines: list[LabelLine]) -> str:
    return "<BR/>".join(
        f'<FONT COLOR="{line.pen.colour}">{escape(line.text).replace("   ", "&#160;&#160;&#160;")}</FONT>'
        for line in lines
    )


def _arrow_label(lines: list[LabelLine]) -> str:
    """A table, since its padding keeps the text clear of the arrow."""
    cell = f'<TR><TD BALIGN="LEFT" ALIGN="LEFT">{_html(lines)}</TD></TR>'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4">{cell}</TABLE>>'


def _add_arrow(
    graph: graphviz.Digraph, model: ChartModel, source: str, target: str, transitions: tuple[ChartTransition, ...]
) -> None:
    attributes = _pen(transitions)
    tail, head = _leaving(model, source), _entry(model, target)
    attributes |= _ends(model, source, target)
    order = _reading_order(model, "")
    if order.index(head) < order.index(tail):
        # Drawn from its head: Graphviz then puts the earlier state above the later one, as they are declared.
        ends = {"lhead": attributes.pop("ltail", ""), "ltail": attributes.pop("lhead", "")}
        attributes |= {"dir": "back"} | {name: end for name, end in ends.items() if end}
        tail, head = head, tail
    graph.edge(tail, head, **attributes)


def _add_shared(
    graph: graphviz.Digraph,
    model: ChartModel,
    node: str,
    sources: tuple[str, ...],
    target: str,
    transitions: tuple[ChartTransition, ...],
) -> None:
    """One arrow from a list of states, in place of one from each."""
    text = "<BR/>".join(escape(line) for line in wrap(f"from {', '.join(sources)}", COLUMNS))
    graph.node(node, label=f'<<FONT POINT-SIZE="9">{text}</FONT>>', shape="note", style="filled", fillcolor="#fffbe8")
    ends = {"lhead": f"cluster_{target}"} if model.children(target) else {}
    graph.edge(node, _entry(model, target), **_pen(transitions), **ends)


def _pen(transitions: tuple[ChartTransition, ...]) -> dict[str, str]:
    pens = {PENS[each.cause] for each in transitions}
    attributes = {"label": _arrow_label(arrow_lines(transitions))}
    attributes["color"] = pens.pop().colour if len(pens) == 1 else palette.INK
    if all(PENS[each.cause].dashed for each in transitions):
        attributes["style"] = "dashed"
    return attributes


def _ends(model: ChartModel, source: str, target: str) -> dict[str, str]:
    """Graphviz draws an arrow between two inner states and cuts it off at the borders of their compounds."""
    compounds = {state.name for state in model.states if state.compound}
    ends = {}
    if source in compounds and not _inside(model, target, source):
        ends["ltail"] = f"cluster_{source}"
    if target in compounds and not _inside(model, source, target):
        ends["lhead"] = f"cluster_{target}"
    return ends


def _reading_order(model: ChartModel, parent: str) -> list[str]:
    """What arrows may end at, in the order in which it is declared."""
    leaves = [_initial_dot(parent)]
    for state in model.children(parent):
        leaves += _reading_order(model, state.name) if state.compound else [state.name]
    return leaves


def _inside(model: ChartModel, state: str, compound: str) -> bool:
    parents = {each.name: each.parent for each in model.states}
    while state:
        if state == compound:
            return True
        state = parents[state]
    return False


def _entry(model: ChartModel, state: str) -> str:
    """Where an arrow to ``state`` ends: at itself, or at the dot inside a compound that leads to its initial state."""
    return _initial_dot(state) if model.children(state) else state


def _initial_dot(compound: str) -> str:
    return f"initial of {compound}" if compound else "initial"


def _leaving(model: ChartModel, state: str) -> str:
    """The leaf at which an arrow from ``state`` begins: the lowest, for most of them lead down."""
    children = model.children(state)
    return _leaving(model, children[-1].name) if children else state
