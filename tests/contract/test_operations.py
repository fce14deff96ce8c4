"""The operations guide shows what the sizing script prints, and names what the templates have."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_sizing_table_is_what_its_script_prints() -> None:
    script = PROJECT / "tools" / "sizing.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert done.stdout in GUIDE


def test_every_parameter_and_output_that_the_guide_names_is_in_a_template() -> None:
    known: set[str] = set()
    for name in ("template.yaml", "dashboard-template.yaml"):
        template = yaml_parse((PROJECT / name).read_text(encoding="utf-8"))
        known |= {*template["Parameters"], *template["Outputs"], *template["Resources"]}
    own_words = {"EphemeralStorage", "FilterLogEvents"}
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", GUIDE))

    assert named - own_words <= known


def test_the_storage_modes_are_those_of_the_template() -> None:
    template = yaml_parse((PROJECT / "template.yaml").read_text(encoding="utf-8"))
    section = GUIDE[GUIDE.index("## Choose where") : GUIDE.index("## What chainlight")]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)[1:]
    told = [mode for row in rows for mode in re.findall(r"`([a-z-]+)`", row)]

    assert told == template["Parameters"]["StorageMode"]["AllowedValues"]
