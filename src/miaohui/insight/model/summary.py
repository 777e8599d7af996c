"""The paragraph that says how the week was and what to do on Monday: computed from the figures. Pure.

Every clause stands on a figure of the report and is left out when the figure is missing or too small; the order of
what to do follows what it costs.
"""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass

from miaohui.insight.model.breakdowns import PenaltyRow
from miaohui.insight.model.diagnosis.rules import Finding
from miaohui.insight.model.figures import Figure, about_yuan, shown
from miaohui.insight.model.rollup import Sums

PENALTY_S = 600
MAX_ACTIONS = 3


@dataclass(frozen=True)
class Split:
    """Where the average comes from: the speed of answered rounds, and the penalties on top."""

    average_s: float
    answered_s: float
    penalty_s: float
    missed: int
    turns: int

    def without(self, missed: int) -> float:
        """Return the average if that many penalties had been answered at the usual speed."""
        left = self.missed - missed
        answered = self.turns - left
        return (self.answered_s * answered + PENALTY_S * left) / self.turns


def split_of(sums: Sums) -> Split | None:
    """Return the split of an average, or None without rounds."""
    if not sums.turns_n or sums.average_s is None:
        return None
    answered = sums.answered_average_s or 0.0
    return Split(sums.average_s, answered, sums.average_s - answered, sums.missed_n, sums.turns_n)


@dataclass(frozen=True)
class Action:
    """One thing to do on Monday."""

    title_zh: str
    why_zh: str
    do_zh: str
    who_zh: str
    money_fen: int
    evidence: str


@dataclass(frozen=True)
class Summary:
    """The paragraph and the things to do."""

    paragraph_zh: str
    actions: tuple[Action, ...]


def summary(
    figures: list[Figure], split: Split | None, penalties: list[PenaltyRow], findings: list[Finding]
) -> Summary:
    """Return the summary of a span."""
    actions = _actions(findings)
    parts = [_state(figures), _response(split, penalties), _money(findings), _monday(actions)]
    return Summary("".join(part for part in parts if part), actions)


def _state(figures: list[Figure]) -> str:
    judged = [f for f in figures if f.verdict in ("good", "bad", "near")]
    if not judged:
        return "这段时间的样本还太少，先把订单、售后、客服数据和聊天记录补齐。"
    good = [f.name_zh for f in judged if f.verdict == "good"]
    bad = [f for f in judged if f.verdict == "bad"]
    near = [f.name_zh for f in judged if f.verdict == "near"]
    text = f"五项指标里 {len(good)} 项达标"
    if bad:
        text += f"；{'，'.join(_miss(f) for f in bad)}没有达标"
    if near:
        text += f"；{'、'.join(near)}与目标的差在误差之内"
    return text + "。"


def _miss(figure: Figure) -> str:
    target = shown(figure.target, figure.unit)
    if figure.before is None or figure.value is None:
        return f"{figure.name_zh} {figure.text_zh}（目标 {target}）"
    change = figure.value - figure.before
    better = change > 0 if figure.better == "high" else change < 0
    size = f"{abs(change) * 100:.1f} 个百分点" if figure.unit == "%" else shown(abs(change), figure.unit)
    return f"{figure.name_zh} {figure.text_zh}（目标 {target}，比上期{'好' if better else '差'} {size}）"


def _response(split: Split | None, penalties: list[PenaltyRow]) -> str:
    if split is None or not split.missed:
        return ""
    text = (
        f"平均响应 {split.average_s:.1f} 秒里，{split.penalty_s:.1f} 秒是漏回造成的：{split.turns} 轮中漏回 {split.missed} 轮，"
        f"只占 {split.missed / split.turns:.1%}，却占平响的 {split.penalty_s / split.average_s:.0%}"
    )
    worst = max(penalties, key=lambda row: row.missed, default=None)
    if worst is not None and worst.missed >= 5:
        text += f"；最集中在 {worst.name} 点（{worst.missed} 轮），单把这一小时补上，平响就到 {split.without(worst.missed):.1f} 秒"
    return text + "。"


def _money(findings: list[Finding]) -> str:
    found = [f for f in findings if f.reading is not None and f.reading.money_fen > 0]
    if not found:
        return ""
    top = found[0]
    assert top.reading is not None
    name = top.rule.name_zh + (f"（{top.reading.subject}）" if top.reading.subject else "")
    return f"影响最大的是{name}，近四周{about_yuan(top.reading.money_fen)}。"


def _actions(findings: list[Finding]) -> tuple[Action, ...]:
    """Return the dearest sure findings, one for each rule; unsure ones only when there are too few."""
    fired = [f for f in findings if f.reading is not None]
    ordered = [f for f in fired if f.reading and f.reading.sure] + [
        f for f in fired if f.reading and not f.reading.sure
    ]
    chosen: dict[str, Finding] = {}
    for finding in ordered:
        chosen.setdefault(finding.rule.code, finding)
    return tuple(_action(finding) for finding in list(chosen.values())[:MAX_ACTIONS])


def _action(finding: Finding) -> Action:
    reading = finding.reading
    assert reading is not None
    title = finding.rule.name_zh + (f"：{reading.subject}" if reading.subject else "")
    return Action(
        title,
        reading.text_zh,
        finding.rule.advice_zh,
        finding.rule.who_zh,
        reading.money_fen,
        reading.evidence,
    )


def _monday(actions: tuple[Action, ...]) -> str:
    if not actions:
        return "没有触发需要处理的诊断规则，保持现状，下周继续看。"
    marks = "①②③④⑤"
    steps = "；".join(
        f"{marks[i]}{action.who_zh}：{action.do_zh.split('；')[0].rstrip('。')}"
        for i, action in enumerate(actions)
    )
    return f"周一先做{'一二三'[len(actions) - 1]}件事：{steps}。"
