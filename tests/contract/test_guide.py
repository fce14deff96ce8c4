"""The guide names every code and every variable that the code knows, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from chainlight.errors import CONSEQUENCES

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "guide.md").read_text(encoding="utf-8")
VARIABLE = re.compile(r"CHAINLIGHT_[A-Z]+(?:_[A-Z]+)*")


def test_the_guide_says_what_every_code_costs() -> None:
    told = dict(re.findall(r"^\| (E\d\d) \| (.*) \|$", GUIDE, re.MULTILINE))
    assert told == CONSEQUENCES


def test_the_guide_names_every_variable() -> None:
    sources = [*PROJECT.glob("instrumentation/**/*.py"), *PROJECT.glob("collector/**/*.py")]
    quoted = re.compile(rf'"({VARIABLE.pattern})"')
    used = {name for path in sources for name in quoted.findall(path.read_text(encoding="utf-8"))}
    assert used <= set(VARIABLE.findall(GUIDE))
