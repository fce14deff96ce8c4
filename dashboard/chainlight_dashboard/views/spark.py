"""A tile's course as a small SVG: bars, a line, or a filled line; numbers in, numbers out.

Streamlit's own sparkline is a chart library's SVG with roles and no names (axe: svg-img-alt). This
one is decoration: the tile says in words what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 240
HEIGHT = 44
PAD = 2
BAR_SHARE = 0.55


def svg(course: Sequence[float], kind: Literal["bar", "line", "area"], colour: str) -> str:
    """Return the course as an SVG of the width it is given; `colour` is a hex colour of ours."""
    if not course:
        return ""
    shapes = _bars(course, colour) if kind == "bar" else _line(course, colour, kind)
    return (
        f'<svg aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
        f'width="100%" height="{HEIGHT}" style="display:block">{shapes}</svg>'
    )


def _bars(course: Sequence[float], colour: str) -> str:
    pitch = WIDTH / len(course)
    top = max(course) or 1.0
    bars = []
    for index, value in enumerate(course):
        height = value / top * (HEIGHT - PAD)
        x, y = index * pitch + pitch * (1 - BAR_SHARE) / 2, HEIGHT - height
        bars.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{pitch * BAR_SHARE:.1f}" '
            f'height="{height:.1f}" fill="{colour}"/>'
        )
    return "".join(bars)


def _line(course: Sequence[float], colour: str, kind: str) -> str:
    points = _points(course)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    line = (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
        'vector-effect="non-scaling-stroke" stroke-linejoin="round"/>'
    )
    if kind == "line":
        return line
    ground = f"0,{HEIGHT} {path} {WIDTH},{HEIGHT}"
    return f'<polygon points="{ground}" fill="{colour}" fill-opacity="0.14"/>{line}'


def _points(course: Sequence[float]) -> list[tuple[float, float]]:
    low, high = min(0.0, *course), max(course)
    span = (high - low) or 1.0
    step = WIDTH / max(1, len(course) - 1)
    room = HEIGHT - 2 * PAD
    return [
        (index * step, HEIGHT - PAD - (value - low) / span * room)
        for index, value in enumerate(course)
    ]
