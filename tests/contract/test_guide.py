"""The guide names every code and every variable that the code knows, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from chainlight.errors import CONSEQUENCES
from chainlight.settings import VARIABLES
from chainlight.sources import records, services, streams

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


def test_the_guide_names_every_kind_of_source() -> None:
    folder = PROJECT / "instrumentation" / "chainlight" / "sources"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    kinds = set(re.findall(r'Source\("(\w+)"', text))
    for table in (records._LAYERS.values(), services._SHAPES):
        kinds |= {kind for kind, *_ in table}
    kinds |= {*streams._KINDS.values(), *_kinds_of_requests(text)}

    told = GUIDE[GUIDE.index("### What invoked") : GUIDE.index("Envelopes are opened")]
    assert set(re.findall(r"`(\w+)`", told)) - {"source_kind"} == kinds


def _kinds_of_requests(text: str) -> set[str]:
    answerer = text[text.index("def _answerer(") : text.index("def _instant_us")]
    return set(re.findall(r'(?:return|else) "(\w+)"', answerer))
