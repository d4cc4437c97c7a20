"""What every Mermaid text has in common: escaping, and the title in front."""

from __future__ import annotations

import json
import re

#: Signs that Mermaid reads as its own; it writes any sign as ``#code;``.
_SPECIAL = re.compile(r'[#;<>{}"`%]|\bend\b')


def escape(text: str) -> str:
    """``text`` so that Mermaid shows it as it stands, whatever signs are in it."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0][0])};{found[0][1:]}", text)


def front_matter(title: str) -> list[str]:
    """The lines that give a diagram its title."""
    return ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---"]
