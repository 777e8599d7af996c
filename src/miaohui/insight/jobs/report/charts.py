"""Charts of counts and shares: sparkline, bars, funnel, distribution, interval. Pure functions of their data."""

from __future__ import annotations

from collections.abc import Sequence

from miaohui.insight.jobs.report.svg import BAD, INK, LINE, MAIN, SOFT, WARN, line, rect, svg, text


def sparkline(values: Sequence[float | None], target: float | None, label: str) -> str:
    """Return a small line over days with its target as a dashed line and the last day as a dot."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    width, height, pad = 150.0, 36.0, 4.0
    low, high = min([*known, target or known[0]]), max([*known, target or known[0]])
    spread = (high - low) or 1.0

    def place(i: int, v: float) -> tuple[float, float]:
        return pad + i * (width - 2 * pad) / (len(values) - 1), height - pad - (v - low) / spread * (
            height - 2 * pad
        )

    points = [place(i, v) for i, v in enumerate(values) if v is not None]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    body = []
    if target is not None:
        y = place(0, target)[1]
        body.append(line(pad, y, width - pad, y, stroke=SOFT, dash="3 3", width=0.8))
    body.append(
        f'<polyline points="{path}" fill="none" stroke="{MAIN}" stroke-width="1.8" stroke-linejoin="round"/>'
    )
    body.append(f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2.6" fill="{MAIN}"/>')
    return svg(width, height, body, label)


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
        body.append(
            rect(
                name_width, y + 4, max(1.5, value / peak * room), 16, colour, radius=3, title=f"{name} {note}"
            )
        )
        body.append(text(name_width + value / peak * room + 7, y + 16, note))
    return svg(width, height, body, label)


def funnel(steps: Sequence[tuple[str, int]], label: str) -> str:
    """Return steps that narrow, each with its share of the step before."""
    width, height = 560.0, len(steps) * 46.0 + 4
    peak = max((count for _, count in steps), default=0) or 1
    body: list[str] = []
    for i, (name, count) in enumerate(steps):
        w = max(30.0, count / peak * 300)
        x, y = 190 - w / 2, 2 + i * 46
        body.append(
            rect(x, y, w, 34, MAIN, radius=5, opacity=round(1 - i * 0.14, 2), title=f"{name} {count}")
        )
        body.append(text(190, y + 22, f"{count:,}", anchor="middle", fill="#fff", size=13, weight=700))
        body.append(text(362, y + 22, name, fill=INK, size=12.5, weight=600))
        if i:
            before = steps[i - 1][1]
            body.append(text(438, y + 22, f"上一步的 {count / before:.1%}" if before else "—"))
    return svg(width, height, body, label)


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
        body.append(
            rect(
                x,
                height - bottom - h,
                step * 0.76,
                h,
                colour,
                radius=2,
                title=f"{names[i]} 秒：{value} 轮，{value / total:.1%}",
            )
        )
        if value / total >= 0.03 or late:
            body.append(
                text(
                    x + step * 0.38,
                    height - bottom - h - 4,
                    f"{value / total:.0%}" if not late else f"{value}",
                    anchor="middle",
                    fill=INK,
                    size=10,
                )
            )
        body.append(text(x + step * 0.38, height - bottom + 14, names[i], anchor="middle", size=9))
    body.append(text(4, height - 4, f"秒；深色为目标 {target:g} 秒以内", size=10))
    return svg(width, height, body, label)


def interval(own: tuple[float, float, float] | None, prior: float, label: str) -> str:
    """Return the shop's own effect with its 95 % interval beside the article's prior. Units: ratio per 10 s."""
    width, height, left, right = 520.0, 96.0, 14.0, 506.0
    values = [0.0, prior, *(own or ())]
    low, high = min(values) - 0.004, max(values) + 0.006

    def place(value: float) -> float:
        return float(left + (value - low) / (high - low) * (right - left))

    body = [
        line(left, 52, right, 52, stroke=LINE, dash="", width=1.5),
        line(place(0), 26, place(0), 70, stroke=INK, dash="", width=1.2),
    ]
    body.append(text(place(0), 86, "0 没有影响", anchor="middle"))
    if own is not None:
        value, a, b = own
        body.append(
            rect(place(a), 45, place(b) - place(a), 14, MAIN, opacity=0.28, radius=7, title="95% 区间")
        )
        body.append(f'<circle cx="{place(value):.1f}" cy="52" r="6" fill="{MAIN}"/>')
        body.append(
            text(place(value), 36, f"本店 {value:+.2%}", anchor="middle", fill=INK, weight=700, size=12)
        )
    body.append(f'<path d="M {place(prior):.1f} 45 l 6 7 l -6 7 l -6 -7 z" fill="{WARN}"/>')
    body.append(
        text(
            place(prior),
            78 if own and abs(place(prior) - place(own[0])) > 40 else 18,
            f"文章 {prior:+.1%}",
            anchor="middle",
        )
    )
    return svg(width, height, body, label)
