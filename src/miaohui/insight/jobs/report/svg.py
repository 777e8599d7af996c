"""Charts as SVG text: crisp on paper, no script, titles as tooltips. Pure functions of their data.

Colours are CSS variables of the page, so that screen and paper share one palette.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

INK, SOFT, LINE = "var(--ink)", "var(--soft)", "var(--line)"
GOOD, BAD, WARN, MAIN = "var(--good)", "var(--bad)", "var(--warn)", "var(--main)"


def _svg(width: float, height: float, body: list[str], label: str) -> str:
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


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = LINE, dash: str = "", width: float = 1) -> str:
    """Return a line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"{dashed}/>'
    )


def sparkline(values: Sequence[float | None], target: float | None, label: str) -> str:
    """Return a small line over days with its target as a dashed line and the last day as a dot."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    width, height, pad = 150.0, 36.0, 4.0
    low, high = min([*known, target or known[0]]), max([*known, target or known[0]])
    spread = (high - low) or 1.0

    def place(i: int, v: float) -> tuple[float, float]:
        return pad + i * (width - 2 * pad) / (len(values) - 1), height - pad - (v - low) / spread * (height - 2 * pad)

    points = [place(i, v) for i, v in enumerate(values) if v is not None]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    body = []
    if target is not None:
        y = place(0, target)[1]
        body.append(line(pad, y, width - pad, y, SOFT, "3 3", 0.8))
    body.append(f'<polyline points="{path}" fill="none" stroke="{MAIN}" stroke-width="1.8" stroke-linejoin="round"/>')
    body.append(f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2.6" fill="{MAIN}"/>')
    return _svg(width, height, body, label)


def nice_top(value: float) -> float:
    """Return a round number at or above `value` for the end of an axis."""
    for step in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, 100, 120, 150, 200, 250, 300, 400, 500, 600):
        if step >= value:
            return float(step)
    return value * 1.1


def stacked_days(
    days: Sequence[str], low: Sequence[float], top: Sequence[float], target: float, names: tuple[str, str]
) -> str:
    """Return bars of two parts for each day (speed and penalties) against a target line. Units: seconds."""
    width, height, left, bottom, head = 560.0, 240.0, 34.0, 26.0, 16.0
    peak = nice_top(max([a + b for a, b in zip(low, top, strict=True)] + [target]) * 1.06)
    scale = (height - bottom - head) / peak
    step = (width - left - 8) / max(1, len(days))
    body = [line(left, height - bottom - g * peak / 4 * scale, width, height - bottom - g * peak / 4 * scale) for g in range(5)]
    body += [text(left - 6, height - bottom - g * peak / 4 * scale + 4, f"{g * peak / 4:g}", anchor="end") for g in range(5)]
    for i, day in enumerate(days):
        x, w = left + i * step + step * 0.2, step * 0.6
        a, b = low[i] * scale, top[i] * scale
        title = f"{day}：{names[0]} {low[i]:.1f} 秒 + {names[1]} {top[i]:.1f} 秒"
        body.append(rect(x, height - bottom - a, w, a, MAIN, title=title))
        body.append(rect(x, height - bottom - a - b, w, b, BAD, title=title))
        if len(days) <= 16:
            body.append(text(x + w / 2, height - bottom - a - b - 4, f"{low[i] + top[i]:.0f}", anchor="middle", fill=INK, weight=600))
        if len(days) <= 10 or i % 4 == 0:
            body.append(text(x + w / 2, height - 8, day[5:], anchor="middle"))
    y = height - bottom - target * scale
    body += [line(left, y, width, y, INK, "5 4", 1.2), text(width - 2, y - 4, f"目标 {target:g} 秒", anchor="end", fill=INK)]
    return _svg(width, height, body, "每日平均响应：速度与漏回罚时")


def heatmap(
    matrix: Sequence[Sequence[float | None]], rows: Sequence[str], unit: str, colour: tuple[int, int, int], cap: float | None = None
) -> str:
    """Return a 7 × 24 heat map; empty cells stay white. The darkest is `cap` and more, else the largest value."""
    left, cell_w, cell_h, head = 30.0, 21.0, 22.0, 8.0
    width, height = left + 24 * cell_w + 4, head + len(rows) * cell_h + 20
    peak = cap or max((v for row in matrix for v in row if v is not None), default=0.0) or 1.0
    body: list[str] = []
    for r, name in enumerate(rows):
        body.append(text(left - 6, head + r * cell_h + 15, name, anchor="end"))
        for h, value in enumerate(matrix[r]):
            x, y = left + h * cell_w, head + r * cell_h
            if value is None:
                body.append(rect(x + 0.7, y + 0.7, cell_w - 1.4, cell_h - 1.4, "var(--empty)", radius=3))
                continue
            share = min(1.0, value / peak)
            red, green, blue = (round(250 - (250 - c) * share**0.75) for c in colour)
            body.append(
                rect(x + 0.7, y + 0.7, cell_w - 1.4, cell_h - 1.4, f"rgb({red},{green},{blue})", radius=3,
                     title=f"{name} {h:02d}:00 {value:.1f}{unit}")
            )  # fmt: skip
            if share > 0.62:
                body.append(text(x + cell_w / 2, y + 15, f"{value:.0f}", anchor="middle", size=9.5, fill="#fff"))
    body += [text(left + h * cell_w + cell_w / 2, height - 6, str(h), anchor="middle", size=9.5) for h in range(0, 24, 2)]
    return _svg(width, height, body, f"按星期与小时{unit}")


Bar = tuple[str, float, str, str]


def bars(rows: Sequence[Bar], label: str, name_width: float = 96.0, width: float = 520.0) -> str:
    """Return horizontal bars. Shape: (name, value, text at its end, colour)."""
    height, step = len(rows) * 25.0 + 6, 25.0
    peak = max((value for _, value, _, _ in rows), default=0.0) or 1.0
    room = width - name_width - 112
    body: list[str] = []
    for i, (name, value, note, colour) in enumerate(rows):
        y = 3 + i * step
        body.append(text(name_width - 8, y + 16, name[:14], anchor="end", fill=INK))
        body.append(rect(name_width, y + 4, max(1.5, value / peak * room), 16, colour, radius=3, title=f"{name} {note}"))
        body.append(text(name_width + value / peak * room + 7, y + 16, note))
    return _svg(width, height, body, label)


def funnel(steps: Sequence[tuple[str, int]], label: str) -> str:
    """Return steps that narrow, each with its share of the step before."""
    width, height = 560.0, len(steps) * 46.0 + 4
    peak = max((count for _, count in steps), default=0) or 1
    body: list[str] = []
    for i, (name, count) in enumerate(steps):
        w = max(30.0, count / peak * 300)
        x, y = 190 - w / 2, 2 + i * 46
        body.append(rect(x, y, w, 34, MAIN, radius=5, opacity=round(1 - i * 0.14, 2), title=f"{name} {count}"))
        body.append(text(190, y + 22, f"{count:,}", anchor="middle", fill="#fff", size=13, weight=700))
        body.append(text(362, y + 22, name, fill=INK, size=12.5, weight=600))
        if i:
            before = steps[i - 1][1]
            body.append(text(438, y + 22, f"上一步的 {count / before:.1%}" if before else "—"))
    return _svg(width, height, body, label)


def distribution(counts: Sequence[int], edges: Sequence[int], target: float, missed: int, label: str) -> str:
    """Return how many rounds fell into each span of seconds; unanswered ones stand apart at the end."""
    width, height, bottom, head = 560.0, 210.0, 34.0, 18.0
    names = [f"≤{edge}" for edge in edges] + [f">{edges[-1]}", "漏回"]
    values = [*counts, missed]
    total, peak = sum(values) or 1, max([*values, 1])
    step = (width - 8) / len(values)
    body = [line(4, height - bottom, width - 4, height - bottom)]
    for i, value in enumerate(values):
        h = value / peak * (height - bottom - head)
        late = i == len(values) - 1
        over = not late and (i >= len(edges) or edges[i] > target)
        colour = BAD if late else WARN if over else MAIN
        x = 4 + i * step + step * 0.12
        body.append(rect(x, height - bottom - h, step * 0.76, h, colour, radius=2, title=f"{names[i]} 秒：{value} 轮，{value / total:.1%}"))
        if value / total >= 0.03 or late:
            body.append(text(x + step * 0.38, height - bottom - h - 4, f"{value / total:.0%}" if not late else f"{value}", anchor="middle", fill=INK, size=10))
        body.append(text(x + step * 0.38, height - bottom + 14, names[i], anchor="middle", size=9))
    body.append(text(4, height - 4, f"秒；深色为目标 {target:g} 秒以内", size=10))
    return _svg(width, height, body, label)


def interval(own: tuple[float, float, float] | None, prior: float, label: str) -> str:
    """Return the shop's own effect with its 95 % interval beside the article's prior. Units: ratio per 10 s."""
    width, height, left, right = 520.0, 96.0, 14.0, 506.0
    values = [0.0, prior, *(own or ())]
    low, high = min(values) - 0.004, max(values) + 0.006

    def place(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    body = [line(left, 52, right, 52, LINE, "", 1.5), line(place(0), 26, place(0), 70, INK, "", 1.2)]
    body.append(text(place(0), 86, "0 没有影响", anchor="middle"))
    if own is not None:
        value, a, b = own
        body.append(rect(place(a), 45, place(b) - place(a), 14, MAIN, opacity=0.28, radius=7, title="95% 区间"))
        body.append(f'<circle cx="{place(value):.1f}" cy="52" r="6" fill="{MAIN}"/>')
        body.append(text(place(value), 36, f"本店 {value:+.2%}", anchor="middle", fill=INK, weight=700, size=12))
    body.append(f'<path d="M {place(prior):.1f} 45 l 6 7 l -6 7 l -6 -7 z" fill="{WARN}"/>')
    body.append(text(place(prior), 78 if own and abs(place(prior) - place(own[0])) > 40 else 18, f"文章 {prior:+.1%}", anchor="middle"))
    return _svg(width, height, body, label)


def hours(asks: Sequence[float], averages: Sequence[float | None], targets: Sequence[float], label: str) -> str:
    """Return demand by hour as bars (messages a day) and the average response as a line with the target steps."""
    width, height, left, bottom, head = 1060.0, 230.0, 34.0, 26.0, 14.0
    plot = height - bottom - head
    peak = nice_top(max([*asks, 1.0]))
    top = nice_top(max([v for v in averages if v is not None] + list(targets)))
    step = (width - left - 30) / 24
    body: list[str] = []
    for g in range(5):
        y = height - bottom - g * plot / 4
        body += [line(left, y, width - 26, y), text(left - 5, y + 4, f"{g * peak / 4:g}", anchor="end", size=10)]
        body.append(text(width - 22, y + 4, f"{g * top / 4:g}", size=10, fill=BAD))
    for h in range(24):
        x = left + h * step
        bar = asks[h] / peak * plot
        body.append(rect(x + step * 0.15, height - bottom - bar, step * 0.7, bar, MAIN, opacity=0.35, radius=2, title=f"{h} 点：每天 {asks[h]:.0f} 条提问"))
        y = height - bottom - min(1.0, targets[h] / top) * plot
        body.append(line(x, y, x + step, y, SOFT, "2 2", 1.2))
        if h % 2 == 0:
            body.append(text(x + step / 2, height - 8, str(h), anchor="middle", size=10))
    points = [(left + h * step + step / 2, height - bottom - min(1.0, v / top) * plot, v) for h, v in enumerate(averages) if v is not None]
    body.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)}" fill="none" stroke="{BAD}" stroke-width="2"/>')
    body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" fill="{BAD}"><title>{v:.1f} 秒</title></circle>' for x, y, v in points]
    return _svg(width, height, body, label)
