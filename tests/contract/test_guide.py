"""The guide names every code and every variable that the code knows, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from chainlight.errors import CONSEQUENCES
from chainlight.settings import VARIABLES

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "guide.md").read_text(encoding="utf-8")
VARIABLE = re.compile(r"CHAINLIGHT_[A-Z]+(?:_[A-Z]+)*")


def test_the_guide_says_what_every_code_costs() -> None:
    told = dict(re.findall(r"^\| (E\d\d) \| (.*) \|$", GUIDE, re.MULTILINE))
    assert told == CONSEQUENCES


def test_the_guide_tells_every_setting_of_the_layer_with_its_default() -> None:
    layer = GUIDE[GUIDE.index("## The layer") : GUIDE.index("## The collector")]
    rows = re.findall(r"^\| `(CHAINLIGHT_\w+)` \| .* \|(?: (\S+))? \|$", layer, re.MULTILINE)
    assert dict(rows) == {name: default for name, (_, _, default) in VARIABLES.items()}


def test_the_guide_names_every_variable() -> None:
    sources = [*PROJECT.glob("instrumentation/**/*.py"), *PROJECT.glob("collector/**/*.py")]
    quoted = re.compile(rf'"({VARIABLE.pattern})"')
    used = {name for path in sources for name in quoted.findall(path.read_text(encoding="utf-8"))}
    assert used <= set(VARIABLE.findall(GUIDE))
