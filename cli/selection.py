"""Selectors: from what a user types to the questions it names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial

from switchover.models.language import Actor, Answer, Family, Property, System
from switchover.models.language.losses import LossTable

from . import user_module
from .errors import InputError
from .families import all_families
from .making import system_of
from .question import Question, identity, questions_of_claim

#: Checked on every system, by the names the explicit engine reports them under.
BUILT_IN = {
    "no_deadlock": "no state leaves work undone for ever",
    "no_unexpected_message": "every message that arrives is provided for",
    "no_error": "no handler raises or breaks a rule",
}

#: The questions that a name stands for, made when it is named.
Asked = Callable[[], list[Question]]

_GLOB = frozenset("*?[")


def is_file(selector: str) -> bool:
    """Whether the selector is ``FILE.py`` or ``FILE.py:NAME``."""
    return selector.endswith(".py") or ".py:" in selector


def split_file(selector: str) -> tuple[str, str]:
    """``FILE.py:NAME`` as (file, name); the name is empty when none is given."""
    if selector.endswith(".py") and ".py:" not in selector:
        return selector, ""
    path, _, name = selector.partition(".py:")
    return f"{path}.py", name


class Selection:
    """Finds what selectors name, in the families that come with Switchover and in users' files.

    With ``controls`` a claim stands for its mutations and repairs too; with ``actors`` what is proposed
    for an unknown name may be an actor's class, with ``plots`` a plot of a family.
    """

    def __init__(self, *, controls: bool = False, actors: bool = False, plots: bool = False) -> None:
        self.controls = controls
        self._proposes_plots = plots
        self._proposes_actors = actors
        #: The families that were selected as a whole.
        self.whole: dict[str, Family] = {}
        #: The systems of users' files that were selected as a whole, by file.
        self.whole_files: dict[str, list[System]] = {}
        self._modules: dict[str, user_module.UserModule] = {}

    def questions(self, selectors: Sequence[str]) -> list[Question]:
        """The questions named, each once, in order; without selectors every claim of every family.

        Raises InputError for a selector that names nothing.
        """
        if not selectors:
            return [each for family in all_families() for each in self._claims(family, "")]
        chosen: dict[tuple[str, str], Question] = {}
        for selector in selectors:
            for each in self._of_selector(selector):
                chosen.setdefault((each.family, each.id), each)
        return list(chosen.values())

    def controls_of(self, questions: Sequence[Question]) -> list[Question]:
        """The mutations and repairs of the claims that the questions are about."""
        claims = {each.id.removesuffix(each.label) + each.claim.id: each.claim for each in questions if each.claim}
        names = [
            selector.removesuffix(claim.id) + name for selector, claim in claims.items() for name, _ in claim.controls()
        ]
        return [question for name in names for question in self._of_selector(name)]

    def actors(self, selector: str) -> dict[str, type[Actor]]:
        """The actor classes that ``FAMILY:CLASS`` or ``FILE.py:CLASS`` names, by selector; empty when none."""
        known = self._actors_by_name(selector)
        return {name: known[name] for name in _matching(selector, known)}

    def plots(self, selector: str) -> dict[str, Callable[[], LossTable]]:
        """The plots of the family that ``selector`` belongs to, by selector: ``spice.mm_time:losses``."""
        if not is_file(selector):
            families = [(each.name, each) for each in all_families()]
        else:
            path, _ = split_file(selector)
            families = [(f"{path}:{name}", each) for name, each in self._module(path).families.items()]
        return {f"{prefix}:{name}": make for prefix, family in families for name, make in family.plots.items()}

    def _actors_by_name(self, selector: str) -> dict[str, type[Actor]]:
        if is_file(selector):
            path, _ = split_file(selector)
            return {f"{path}:{name}": cls for name, cls in self._module(path).actors.items()}
        return {f"{family.name}:{cls.__name__}": cls for family in all_families() for cls in actor_classes(family)}

    def _proposed(self, selector: str, named: Iterable[str]) -> list[str]:
        actors = self._actors_by_name(selector) if self._proposes_actors else ()
        return [*named, *actors, *(self.plots(selector) if self._proposes_plots else ())]

    def _of_selector(self, selector: str) -> list[Question]:
        return self._of_file(selector) if is_file(selector) else self._of_name(selector)

    # Names of the families that come with Switchover.

    def _of_name(self, selector: str) -> list[Question]:
        named = self._named(selector)
        found = _matching(selector, named)
        if not found:
            raise InputError(unknown(selector, self._proposed(selector, named)))
        return _some(selector, [question for name in found for question in named[name]()])

    def _named(self, selector: str) -> dict[str, Asked]:
        """Everything that can be selected by name. Properties of systems only when the selector asks for such."""
        named: dict[str, Asked] = {}
        for family in all_families():
            named[family.name] = partial(self._family, family, family.name)
            named.update(self._claims_by_name(family, ""))
            named.update(_designs_by_name(family, family.name))
            if selector.count(":") == 2:
                named.update(_properties_by_name(family, family.name))
            for alias, meant in family.aliases.items():
                if meant in named:
                    named.setdefault(alias, named[meant])
        return named

    def _claims_by_name(self, family: Family, prefix: str) -> dict[str, Asked]:
        named: dict[str, Asked] = {}
        for claim in family.claims:
            results = questions_of_claim(family, claim, prefix, controls=True)
            named.update((each.id, partial(_only, each)) for each in results)
            named[prefix + claim.id] = partial(questions_of_claim, family, claim, prefix, controls=self.controls)
        return named

    def _claims(self, family: Family, prefix: str) -> list[Question]:
        self.whole[family.name] = family
        return [
            each
            for claim in family.claims
            for each in questions_of_claim(family, claim, prefix, controls=self.controls)
        ]

    def _family(self, family: Family, prefix: str, claims_prefix: str = "") -> list[Question]:
        designs = [question for design in family.systems for question in _of_design(family, prefix, design)]
        claimed = _claimed(family) if designs else {}
        rest = [
            each for each in designs if (identity(system_of(each.id, each.make)), each.property_name) not in claimed
        ]
        return self._claims(family, claims_prefix) + rest

    def _whole_system(self, path: str, system: System, own: list[Question]) -> list[Question]:
        self.whole_files.setdefault(path, []).append(system)
        return own

    # A user's file.

    def _module(self, path: str) -> user_module.UserModule:
        if path not in self._modules:
            self._modules[path] = user_module.load(path)
        return self._modules[path]

    def _of_file(self, selector: str) -> list[Question]:
        path, name = split_file(selector)
        module = self._module(path)
        named: dict[str, Asked] = {}
        for key, system in module.systems.items():
            own = questions_of_system(f"{path}:{key}", path, system.name, system)
            named[f"{path}:{key}"] = partial(self._whole_system, path, system, own)
            named.update((each.id, partial(_only, each)) for each in own)
        for key, family in module.families.items():
            prefix = f"{path}:{key}"
            named[prefix] = partial(self._family, family, prefix, f"{prefix}:")
            named.update(self._claims_by_name(family, f"{prefix}:"))
            named.update(_designs_by_name(family, prefix))
            if name.count(":") == 2:
                named.update(_properties_by_name(family, prefix))
        if not named:
            raise InputError(f"{path}: actors but no system in it; expected a System to check them in{module.hint}")
        if not name:
            every = (*module.systems, *module.families)
            return _some(path, [each for key in every for each in named[f"{path}:{key}"]()])
        found = _matching(selector, named)
        if not found:
            there = f"it has {', '.join((*module.systems, *module.families))}"
            raise InputError(unknown(selector, self._proposed(selector, named), there, f"{path}:"))
        return _some(selector, [question for each in found for question in named[each]()])


def questions_of_system(prefix: str, family: str, design: str, system: System) -> list[Question]:
    """A system's own properties and the built-in ones; all hold but its ``expected_violations``.

    None of a timed system: of such only claims ask, over the numbers that they leave open.
    """
    if system.timing is not None:
        return []
    own: list[Property | str] = [*system.properties, *BUILT_IN]
    return [_of_property(prefix, family, design, system, each) for each in own]


def _of_property(prefix: str, family: str, design: str, system: System, of: Property | str) -> Question:
    name = of if isinstance(of, str) else of.name
    expected = Answer.VIOLATED if name in system.expected_violations else Answer.HOLDS
    return Question(f"{prefix}:{name}", name, family, design, partial(_itself, system), of, expected)


def _claimed(family: Family) -> dict[tuple[object, str], Answer]:
    """What the family's claims expect, by system and property."""
    expected: dict[tuple[object, str], Answer] = {}
    for claim in family.claims:
        for question in questions_of_claim(family, claim, controls=False):
            expected[_subject(question)] = question.expected
    return expected


def _subject(question: Question) -> tuple[object, str]:
    return identity(system_of(question.id, question.make)), question.property_name


def _designs_by_name(family: Family, prefix: str) -> dict[str, Asked]:
    return {f"{prefix}:{design}": partial(_of_design, family, prefix, design) for design in family.systems}


def _properties_by_name(family: Family, prefix: str) -> dict[str, Asked]:
    designs = [_of_design(family, prefix, design) for design in family.systems]
    return {each.id: partial(_only, each) for questions in designs for each in questions}


def _of_design(family: Family, prefix: str, design: str) -> list[Question]:
    """The properties of one system. Where a claim is about one of them, its expectation counts."""
    system = system_of(f"{prefix}:{design}", family.systems[design])
    own = questions_of_system(f"{prefix}:{design}", family.name, design, system)
    claimed = _claimed(family) if own else {}
    return [replace(each, expected=claimed.get(_subject(each), each.expected)) for each in own]


def _some(selector: str, questions: list[Question]) -> list[Question]:
    if not questions:
        raise InputError(
            f"{selector}: nothing is asked of it; a timed system is asked about by claims with open numbers"
        )
    return questions


def _itself(system: System) -> System:
    return system


def _only(question: Question) -> list[Question]:
    return [question]


def actor_classes(family: Family) -> list[type[Actor]]:
    """The actor classes that play in the family's systems, in order of appearance."""
    systems = [system_of(f"{family.name}:{design}", make) for design, make in family.systems.items()]
    workers = [worker for system in systems for worker in system.layout.workers]
    return list(dict.fromkeys(type(worker) for worker in workers))


def _matching(selector: str, names: Iterable[str]) -> list[str]:
    """The name itself, or the names that a pattern matches.

    A pattern reaches names of its own kind: ``LT*`` claims, ``LT*/*`` results, ``family:*`` systems.
    """
    known = list(names)
    if selector in known:
        return [selector]
    if not _GLOB & set(selector):
        return []
    kind = (selector.count(":"), "/" in selector)
    return [each for each in known if (each.count(":"), "/" in each) == kind and fnmatchcase(each, selector)]


def unknown(name: str, known: Iterable[str], otherwise: str = "see: switchover list", prefix: str = "") -> str:
    """One line for a name that is not there, with the nearest that are; ``prefix`` is common to all of them."""
    by_folded = {each.removeprefix(prefix).casefold(): each for each in known}
    near = difflib.get_close_matches(name.removeprefix(prefix).casefold(), by_folded, n=3, cutoff=0.6)
    hint = f"nearest: {', '.join(by_folded[each] for each in near)}" if near else otherwise
    return f"nothing is called {name!r}; {hint}"
