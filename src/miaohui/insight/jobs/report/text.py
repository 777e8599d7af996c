"""Small pieces of the page: escaped text, links to evidence, tables, figures with their sample."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from miaohui.insight.model.figures import Figure, shown
from miaohui.insight.model.statistics import Ratio

PRINTED_ROWS = 6


def link(content: str, key: str, known: set[str]) -> str:
    """Return the content as a link to its evidence, or plain where there is none."""
    return f'<a href="#ev-{escape(key)}">{content}</a>' if key and key in known else content


def cell(content: str, cls: str = "") -> str:
    """Return a table cell; `content` is HTML."""
    return f'<td class="{cls}">{content}</td>' if cls else f"<td>{content}</td>"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, grey: Sequence[bool] = ()
) -> str:
    """Return a table; the first `left` columns are texts, the others numbers. Cells are HTML."""
    if not rows:
        return '<p class="note">这段时间没有数据。</p>'
    top = "".join(f'<th class="{"l" if i < left else ""}">{escape(name)}</th>' for i, name in enumerate(head))
    body = []
    for number, row in enumerate(rows):
        cells = "".join(cell(content, "l w" if i < left else "") for i, content in enumerate(row))
        dim = ' class="grey"' if number < len(grey) and grey[number] else ""
        body.append(f"<tr{dim}>{cells}</tr>")
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def sample_text(figure: Figure, glue: str = "，") -> str:
    """Return what a figure is made of: numerator and denominator, sample, interval."""
    if figure.value is None:
        return "没有数据"
    parts = f"{figure.numerator:,.0f} / {figure.denominator:,.0f}" if figure.denominator is not None else ""
    made = parts if figure.unit == "%" else f"n = {figure.n:,}"
    if figure.low is not None and figure.high is not None:
        made += f"{glue}95% {shown(figure.low, figure.unit)}–{shown(figure.high, figure.unit)}"
    return made


def ratio_text(ratio: Ratio, min_n: int = 0) -> str:
    """Return a rate with its fraction as a tooltip, grey when the sample is too small."""
    if ratio.value is None:
        return "—"
    title = f"{ratio.numerator} / {ratio.denominator}"
    dim = ' style="color:#9aa2b5"' if ratio.denominator < min_n else ""
    return f'<span title="{title}"{dim}>{ratio.value:.1%}</span>'


def change_text(figure: Figure) -> str:
    """Return the change against the span before, with an arrow that says whether it is good."""
    if figure.before is None or figure.value is None:
        return ""
    change = figure.value - figure.before
    good = (change > 0) == (figure.better == "high")
    size = f"{abs(change) * 100:.1f} 个百分点" if figure.unit == "%" else shown(abs(change), figure.unit)
    if abs(change) < 1e-9:
        return "与上期持平"
    colour = "var(--good)" if good else "var(--bad)"
    return f'较上期 <span style="color:{colour}">{"▲" if change > 0 else "▼"} {size}</span>'


VERDICTS = {
    "good": ("达标", "good"),
    "bad": ("未达标", "bad"),
    "near": ("误差内", "near"),
    "": ("样本少", ""),
}


def tag(verdict: str) -> str:
    """Return the verdict as a small tag."""
    name, cls = VERDICTS[verdict]
    return f'<span class="tag {cls}">{name}</span>'
