"""Why did this agent get it, and why not that one? In Chinese. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from miaohui.routing.model.dispatch import Candidate, Decision, Verdict
from miaohui.routing.model.rules import Mode

TRIGGERS_ZH: Mapping[str, str] = {
    "opened": "买家进线", "reopened": "买家再次咨询", "drained": "有客服空出", "overflow": "等待超时，溢出到其他组",
    "retransfer": "超时未答，自动转接", "unreachable": "客服失联，自动转接", "handover": "客服移交",
    "released": "退回队列", "transfer": "人工转接", "transfer_group": "转接到客服组", "takeover": "主管接管",
    "claim": "客服领取", "reassign": "批量转移", "requeued": "留言买家再次发言",
    "group_archived": "客服组停用", "outside": "其他操作",
}  # fmt: skip
OUTCOMES_ZH: Mapping[str, str] = {
    "placed": "已分配", "queued": "进入排队", "offline_message": "转为留言", "kept": "保持原客服",
}  # fmt: skip
_MODES_ZH: Mapping[Mode, str] = {Mode.PRIORITY: "按优先级分配", Mode.EVEN: "平均分配"}
_NO_ZH: Mapping[Verdict, str] = {
    Verdict.NOT_IN_GROUP: "不在可接待的客服组里",
    Verdict.OFFLINE: "离线",
    Verdict.UNREACHABLE: "页面失联",
    Verdict.ON_BREAK: "小休中，不接新会话",
    Verdict.EXCLUDED: "刚刚放下过这个会话",
    Verdict.SKILL_MISSING: "没有所需技能",
    Verdict.SKILL_LOW: "技能等级不够",
    Verdict.SKILL_EXPIRED: "所需技能已过期",
}


@dataclass(frozen=True)
class Names:
    """What people and groups are called; unknown ids are shown as numbers."""

    people: Mapping[int, str]
    groups: Mapping[int, str]
    skills: Mapping[str, str]

    def person(self, user_id: int | None) -> str:
        return "无" if user_id is None else self.people.get(user_id, f"客服 {user_id}")

    def group(self, group_id: int | None) -> str:
        return "全店" if not group_id else self.groups.get(group_id, f"客服组 {group_id}")


def _rested_zh(rested_s: int | None) -> str:
    return "还没分到过新会话" if rested_s is None else f"上次分到新会话在 {rested_s} 秒前"


def points_zh(candidate: Candidate, mode: Mode) -> str:
    """Return a passing candidate's points in words."""
    score = candidate.score
    if score is None:
        return ""
    parts = []
    if score.sticky:
        parts.append(f"最近接待过该买家 +{score.sticky}")
    if score.home:
        parts.append(f"本组 +{score.home}")
    if mode is Mode.PRIORITY:
        parts.append(f"空闲（{candidate.load}/{candidate.capacity}）+{score.idle}")
    parts.append(_rested_zh(score.rested_s))
    return f"得分 {score.total}（{'，'.join(parts)}）"


def candidate_zh(candidate: Candidate, decision: Decision, names: Names) -> str:
    """Return why this person got the chat, or why not."""
    name = names.person(candidate.user_id)
    if candidate.verdict is Verdict.FULL:
        return f"{name}：没有分给，接待数已满（{candidate.load}/{candidate.capacity}）"
    if candidate.score is None:
        return f"{name}：没有分给，{_NO_ZH[candidate.verdict]}"
    if candidate.user_id == decision.user_id:
        return f"{name}：分给，{points_zh(candidate, decision.mode)}"
    return f"{name}：符合条件但排在后面，{points_zh(candidate, decision.mode)}"


def needs_zh(decision: Decision, names: Names) -> str:
    """Return the skills that were asked for, '' for none."""
    wanted = [f"{names.skills.get(code, code)} ≥ {level} 级" for code, level in decision.needs.items()]
    return f"；需要技能：{'、'.join(wanted)}" if wanted else ""


def summary_zh(decision: Decision, trigger: str, outcome: str, names: Names) -> str:
    """Return one sentence: what happened, to whom, why."""
    head = f"{TRIGGERS_ZH.get(trigger, trigger)}，{OUTCOMES_ZH.get(outcome, outcome)}"
    groups = "、".join(names.group(group_id) for group_id in decision.group_ids) or "全店"
    if outcome == "placed" and decision.user_id is not None:
        best = next((c for c in decision.candidates if c.user_id == decision.user_id and c.score), None)
        name, how = names.person(decision.user_id), _MODES_ZH[decision.mode]
        if best is None:
            return f"{head}给{name}"
        return (
            f"{head}给{name}：{points_zh(best, decision.mode)}（{groups}，{how}{needs_zh(decision, names)}）"
        )
    counts = _counts_zh(decision)
    return f"{head}（{groups}{needs_zh(decision, names)}）：{counts or '没有可接待的客服'}"


def _counts_zh(decision: Decision) -> str:
    count: dict[str, int] = {}
    for candidate in decision.candidates:
        if candidate.verdict is not Verdict.OK:
            word = "接待数已满" if candidate.verdict is Verdict.FULL else _NO_ZH[candidate.verdict]
            count[word] = count.get(word, 0) + 1
    return "，".join(f"{n} 人{word}" for word, n in count.items())
