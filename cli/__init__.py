"""Switchover: executable, checkable models of live migration's handover.

The names of the language (``Actor``, ``Message``, ``System``, ``never``, ...) are importable from here, and
``check`` and ``explore``, which ask the explicit engine. Each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from switchover.api import check as check
    from switchover.checks.explicit import Limits as Limits
    from switchover.checks.explicit import explore as explore
    from switchover.models.language import *  # noqa: F403

_LANGUAGE = "switchover.models.language"
_ENGINE = {"check": "switchover.api", "explore": "switchover.checks.explicit", "Limits": "switchover.checks.explicit"}


if not TYPE_CHECKING:  # a type checker sees the imports above, and refuses what is not there

    def __getattr__(name: str) -> Any:
        if name in _ENGINE:
            return getattr(import_module(_ENGINE[name]), name)
        if name == "__all__":
            return __dir__()
        if not name.startswith("_"):
            language = import_module(_LANGUAGE)
            if name in language.__all__:
                return getattr(language, name)
        raise AttributeError(f"module 'switchover' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*import_module(_LANGUAGE).__all__, *_ENGINE])
