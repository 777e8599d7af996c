"""Charts over time: days, hours, weekday by hour. Pure functions of their data."""

from __future__ import annotations

from collections.abc import Sequence

from miaohui.insight.jobs.report.svg import BAD, INK, MAIN, SOFT, line, nice_top, rect, svg, text


def stacked_days(
    days: Sequence[str], low: Sequence[float], top: Sequence[float], target: float, names: tuple[str, str]
) -> str:
    """Return bars of two parts for each day (speed and penalties) against a target line. Units: seconds."""
    width, height, left, foot = 560.0, 240.0, 34.0, 214.0
    peak = nice_top(max([a + b for a, b in zip(low, top, strict=True)] + [target]) * 1.06)
    scale = (foot - 16.0) / peak
    step = (width - left - 8) / max(1, len(days))
    body: list[str] = []
    for part in range(5):
        y = foot - part * peak / 4 * scale
        body += [line(left, y, width, y), text(left - 6, y + 4, f"{part * peak / 4:g}", anchor="end")]
    for i, day in enumerate(days):
        x, w, total = left + i * step + step * 0.2, step * 0.6, low[i] + top[i]
        title = f"{day}：{names[0]} {low[i]:.1f} 秒 + {names[1]} {top[i]:.1f} 秒"
        body.append(rect(x, foot - low[i] * scale, w, low[i] * scale, MAIN, title=title))
        body.append(rect(x, foot - total * scale, w, top[i] * scale, BAD, title=title))
        if len(days) <= 16:
            body.append(
                text(
                    x + w / 2, foot - total * scale - 4, f"{total:.0f}", anchor="middle", fill=INK, weight=600
                )
            )
        if len(days) <= 10 or i % 4 == 0:
            body.append(text(x + w / 2, height - 8, day[5:], anchor="middle"))
    y = foot - target * scale
    body.append(line(left, y, width, y, stroke=INK, dash="5 4", width=1.2))
    body.append(text(width - 2, y - 4, f"目标 {target:g} 秒", anchor="end", fill=INK))
    return svg(width, height, body, "每日平均响应：速度与漏回罚时")


def heatmap(
    matrix: Sequence[Sequence[float | None]],
    rows: Sequence[str],
    unit: str,
    colour: tuple[int, int, int],
    cap: float | None = None,
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
                body.append(
                    text(x + cell_w / 2, y + 15, f"{value:.0f}", anchor="middle", size=9.5, fill="#fff")
                )
    body += [
        text(left + h * cell_w + cell_w / 2, height - 6, str(h), anchor="middle", size=9.5)
        for h in range(0, 24, 2)
    ]
    return svg(width, height, body, f"按星期与小时{unit}")


def hours(
    asks: Sequence[float], averages: Sequence[float | None], targets: Sequence[float], label: str
) -> str:
    """Return demand by hour as bars (messages a day) and the average response as a line with the target steps."""
    peak = nice_top(max([*asks, 1.0]))
    top = nice_top(max([v for v in averages if v is not None] + list(targets)))
    body = _two_axes(peak, top)
    for hour in range(24):
        x = LEFT + hour * STEP
        bar = asks[hour] / peak * PLOT
        title = f"{hour} 点：每天 {asks[hour]:.0f} 条提问"
        body.append(
            rect(x + STEP * 0.15, FOOT - bar, STEP * 0.7, bar, MAIN, opacity=0.35, radius=2, title=title)
        )
        y = FOOT - min(1.0, targets[hour] / top) * PLOT
        body.append(line(x, y, x + STEP, y, stroke=SOFT, dash="2 2", width=1.2))
    points = [
        (LEFT + hour * STEP + STEP / 2, FOOT - min(1.0, value / top) * PLOT, value)
        for hour, value in enumerate(averages)
        if value is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    body.append(f'<polyline points="{path}" fill="none" stroke="{BAD}" stroke-width="2"/>')
    body += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" fill="{BAD}"><title>{v:.1f} 秒</title></circle>'
        for x, y, v in points
    ]
    return svg(WIDE, HIGH, body, label)


WIDE, HIGH, LEFT = 1060.0, 230.0, 34.0
FOOT, PLOT, STEP = 204.0, 190.0, (1060.0 - 34.0 - 30) / 24


def _two_axes(peak: float, top: float) -> list[str]:
    """Return grid lines with the scale of the bars on the left and that of the line on the right."""
    body: list[str] = []
    for part in range(5):
        y = FOOT - part * PLOT / 4
        body += [
            line(LEFT, y, WIDE - 26, y),
            text(LEFT - 5, y + 4, f"{part * peak / 4:g}", anchor="end", size=10),
        ]
        body.append(text(WIDE - 22, y + 4, f"{part * top / 4:g}", size=10, fill=BAD))
    body += [
        text(LEFT + h * STEP + STEP / 2, HIGH - 8, str(h), anchor="middle", size=10) for h in range(0, 24, 2)
    ]
    return body
