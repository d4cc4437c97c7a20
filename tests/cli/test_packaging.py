"""What is installed: every package that is there, under one name, typed, with its data and licence."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import switchover

ROOT = Path(__file__).parents[2]
ROOMS = {"switchover": "cli"} | {f"switchover.{room}": room for room in ("models", "checks", "diagrams", "runtime")}


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def setuptools(pyproject: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = pyproject["tool"]["setuptools"]
    return settings


def test_every_package_folder_is_named(setuptools: dict[str, Any]) -> None:
    folders = {
        ".".join([package, *init.parent.relative_to(ROOT / folder).parts])
        for package, folder in ROOMS.items()
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert sorted(setuptools["packages"]) == sorted(folders)
    assert setuptools["package-dir"] == ROOMS


def test_every_folder_with_modules_is_a_package() -> None:
    for folder in ROOMS.values():
        for module in (ROOT / folder).rglob("*.py"):
            assert (module.parent / "__init__.py").is_file(), f"{module.parent} lacks an __init__.py"


def test_every_package_imports(setuptools: dict[str, Any]) -> None:
    for package in setuptools["packages"]:
        assert importlib.import_module(package).__doc__


def test_every_data_file_is_installed(setuptools: dict[str, Any]) -> None:
    """Whatever lies in a package and is not a module is matched by ``package-data``."""
    named = {
        path
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for path in _folder(package).glob(pattern)
    }
    there = {
        path
        for folder in ROOMS.values()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".nbi", ".nbc")
    }
    assert there == named


def _folder(package: str) -> Path:
    room = max((each for each in ROOMS if f"{package}.".startswith(f"{each}.")), key=len)
    return ROOT / ROOMS[room] / package.removeprefix(room).replace(".", "/").lstrip("/")


def test_only_one_name_is_taken() -> None:
    top_level = metadata.distribution("switchover").read_text("top_level.txt")
    assert top_level is not None
    assert top_level.split() == ["switchover"]


def test_licence_and_script() -> None:
    distribution = metadata.distribution("switchover")
    assert distribution.metadata["License-Expression"] == "MIT"
    scripts = {each.name: each.value for each in distribution.entry_points if each.group == "console_scripts"}
    assert scripts == {"switchover": "switchover.main:main"}


def test_public_names() -> None:
    for name in dir(switchover):
        assert getattr(switchover, name) is not None
    assert {"Actor", "System", "never", "check", "explore"} <= set(dir(switchover))
    with pytest.raises(AttributeError, match="has no attribute 'nothing_of_this_name'"):
        switchover.nothing_of_this_name  # noqa: B018


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, switchover; print([name for name in sys.modules if name.startswith('switchover.')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_models_import_no_engine() -> None:
    code = """
import importlib, pkgutil, sys
import switchover.models as models
for each in pkgutil.walk_packages(models.__path__, "switchover.models."):
    importlib.import_module(each.name)
forbidden = ("z3", "numba", "numpy", "graphviz", "pygraphviz", "switchover.checks", "switchover.diagrams")
print(*(name for name in sys.modules if name.startswith(forbidden)))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


def test_the_readme_has_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in readme.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith("switchover check")
    assert "pytest" in commands[1]
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_ci_uses_versions_that_are_all_locked(pyproject: dict[str, Any]) -> None:
    lines = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in locked)
    names = {_normal(line.partition("==")[0]) for line in locked}
    project = pyproject["project"]
    required = project["dependencies"] + [each for extra in project["optional-dependencies"].values() for each in extra]
    wanted = {_normal(re.split(r"[^A-Za-z0-9._-]", each)[0]) for each in required}
    assert wanted <= names


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
