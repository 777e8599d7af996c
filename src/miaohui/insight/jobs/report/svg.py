"""Drawing: SVG elements as text: crisp on paper, no script, titles as tooltips. Pure.

Colours are CSS variables of the page, so that screen and paper share one palette.
"""

from __future__ import annotations

from html import escape

INK, SOFT, LINE = "var(--ink)", "var(--soft)", "var(--line)"
GOOD, BAD, WARN, MAIN = "var(--good)", "var(--bad)", "var(--warn)", "var(--main)"


def svg(width: float, height: float, body: list[str], label: str) -> str:
    """Return a chart of these elements; `label` is read out to those who cannot see it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}" class="chart">'
        f"<title>{escape(label)}</title>{''.join(body)}</svg>"
    )


def text(x: float, y: float, content: str, **attrs: object) -> str:
    """Return a text element; `anchor`, `size`, `fill`, `weight` as attributes."""
    anchor, size = attrs.get("anchor", "start"), attrs.get("size", 11)
    fill, weight = attrs.get("fill", SOFT), attrs.get("weight", 400)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}" font-weight="{weight}">'
        f"{escape(content)}</text>"
    )


def rect(x: float, y: float, w: float, h: float, fill: str, **attrs: object) -> str:
    """Return a rectangle; `title` becomes its tooltip, `opacity` and `radius` as attributes."""
    title = f"<title>{escape(str(attrs['title']))}</title>" if attrs.get("title") else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, w):.1f}" height="{max(0.0, h):.1f}" fill="{fill}"'
        f' rx="{attrs.get("radius", 0)}" opacity="{attrs.get("opacity", 1)}">{title}</rect>'
    )


def line(*ends: float, stroke: str = LINE, dash: str = "", width: float = 1) -> str:
    """Return a line. Shape: `ends` x1, y1, x2, y2."""
    x1, y1, x2, y2 = ends
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    where = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {where} stroke="{stroke}" stroke-width="{width}"{dashed}/>'


def nice_top(value: float) -> float:
    """Return a round number at or above `value` for the end of an axis."""
    for step in (
        1,
        2,
        3,
        4,
        5,
        6,
        8,
        10,
        12,
        15,
        20,
        25,
        30,
        40,
        50,
        60,
        75,
        80,
        90,
        100,
        120,
        150,
        200,
        250,
        300,
        400,
        500,
        600,
    ):
        if step >= value:
            return float(step)
    return value * 1.1
