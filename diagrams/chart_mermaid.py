"""A chart as Mermaid text (``stateDiagram-v2``)."""

from __future__ import annotations

from collections.abc import Iterator

from .chart import ChartModel
from .chart_labels import arrow_lines, inner_lines
from .mermaid import escape, front_matter

#: Wide enough for a label to be broken by its own structure only.
_COLUMNS = 60


def chart_mermaid(model: ChartModel) -> str:
    """The chart as Mermaid text, the same every time."""
    lines = [*front_matter(model.name), "stateDiagram-v2", "    direction TB", *_states(model, "", "    ")]
    for (source, target), transitions in model.arrows().items():
        lines += _arrow(source, target, [line.text for line in arrow_lines(transitions, _COLUMNS)])
    for (sources, target), transitions in model.shared().items():
        for source in sources:
            lines += _arrow(source, target, [line.text for line in arrow_lines(transitions, _COLUMNS)])
    for state in model.states:
        inner = [line.text.strip() for line in inner_lines(model, state.name, _COLUMNS)]
        if inner:
            lines += [
                f"    note right of {_id(state.name)}",
                *(f"        {escape(text)}" for text in inner),
                "    end note",
            ]
        if state.final:
            lines.append(f"    {_id(state.name)} --> [*]")
    return "\n".join(lines) + "\n"


def _states(model: ChartModel, parent: str, indent: str) -> Iterator[str]:
    for state in model.children(parent):
        yield f'{indent}state "{escape(state.name)}" as {_id(state.name)}'
        if state.initial:
            yield f"{indent}[*] --> {_id(state.name)}"
        if state.compound:
            yield f"{indent}state {_id(state.name)} {{"
            yield from _states(model, state.name, indent + "    ")
            yield f"{indent}}}"


def _id(state: str) -> str:
    """A name that is none of Mermaid's words (``end``, ``state``, ``note``)."""
    return f"s_{state}"


def _arrow(source: str, target: str, texts: list[str]) -> list[str]:
    label = "<br/>".join(escape(text.strip()) for text in texts)
    return [f"    {_id(source)} --> {_id(target)}" + (f" : {label}" if label else "")]
