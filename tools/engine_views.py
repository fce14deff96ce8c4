"""Write the list of views in docs/engines.md: which engine has which, and why not.

``--check`` compares instead of writing and exits with 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chainlight_collector import portable

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "engines.md"
BEGIN, END = "<!-- views: begin -->\n", "<!-- views: end -->\n"
EXACT, APPROXIMATE, NONE = "yes", "yes, percentiles approximate", "no"


def page() -> str:
    """Return the page with its list anew."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return before + BEGIN + _lists() + END + rest.split(END)[1]


def _lists() -> str:
    exports = {dialect: portable.export(dialect) for dialect in portable.DIALECTS}
    rows: dict[str, dict[str, str]] = {}
    reasons: dict[str, str] = {}
    for dialect, done in exports.items():
        for each in done.statements:
            words = APPROXIMATE if each.is_approximate else EXACT
            rows.setdefault(each.view, {})[dialect] = words
        for name, reason in done.named.items():
            rows.setdefault(name, {})[dialect] = NONE
            reasons[name] = reason
    lines = [f"| view | {' | '.join(exports)} |", f"|{'---|' * (len(exports) + 1)}"]
    lines += [
        f"| `{name}` | {' | '.join(row[dialect] for dialect in exports)} |"
        for name, row in sorted(rows.items())
    ]
    lines += ["", *(f"- `{name}`: {reason}." for name, reason in sorted(reasons.items()))]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check; return the exit code."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    return int(PAGE.read_text(encoding="utf-8") != text)


if __name__ == "__main__":
    raise SystemExit(main())
