"""Lengths of time as people type them."""

from __future__ import annotations

import re

import click

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Span(click.ParamType[int]):
    """A length of time such as 90s, 15m, 1h or 30d, as microseconds."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return microseconds."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", str(value))
        if found is None:
            self.fail(f"{value!r} is no span of time: write 90s, 15m, 1h or 30d.", param, ctx)
        return int(float(found[1]) * _UNITS_S[found[2] or "s"] * 1_000_000)
