"""The shop's routing rules: one versioned value with defaults that cite the specification. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from miaohui.staff.model import DEFAULT_GROUP_KINDS, GROUP_KINDS_ZH, Group


class Mode(StrEnum):
    """How a chat finds its agent: 按优先级分配 (served recently > idle) or 平均分配 (in turn)."""

    PRIORITY = "priority"
    EVEN = "even"


class Entry(StrEnum):
    """The five doors of 飞鸽 (domain.md §5.1)."""

    PRODUCT_PAGE = "product_page"
    ORDER_PAGE = "order_page"
    PRIVATE_MESSAGE = "private_message"
    LIVE = "live"
    OTHER = "other"


ENTRY_ZH: Final[Mapping[str, str]] = {
    "product_page": "商品详情页",
    "order_page": "订单详情页",
    "private_message": "消息私信",
    "live": "直播",
    "other": "其他",
}
_ENTRY_WORDS: Final[Mapping[str, Entry]] = {
    **{zh: Entry(code) for code, zh in ENTRY_ZH.items()},
    "直播间": Entry.LIVE, "live_room": Entry.LIVE, "私信": Entry.PRIVATE_MESSAGE,
    "product": Entry.PRODUCT_PAGE, "order": Entry.ORDER_PAGE, "message": Entry.PRIVATE_MESSAGE,
}  # fmt: skip
BOOSTS_ZH: Final[Mapping[str, str]] = {
    "live": "直播进线", "vip": "VIP 买家", "breach": "即将超时", "complaint": "投诉风险", "reopened": "再次咨询",
    "handover": "要求人工",
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """How chats are routed.

    Units: `*_s` whole seconds. `boosts_s` are head starts: a chat with 60 stands in the queue as if it had
    come 60 seconds earlier, so nobody starves. `label_boosts` gives a boost to buyers who carry a label (VIP)
    on one of their latest conversations. `entry_groups` names kinds of groups, or group ids as text.
    """

    mode: Mode = Mode.PRIORITY
    by_entry: bool = True
    default_group: str = "pre_sale"
    entry_groups: Mapping[str, str] = field(
        default_factory=lambda: {
            "product_page": "pre_sale", "order_page": "orders", "private_message": "pre_sale",
            "live": "live", "other": "pre_sale",
        }
    )  # fmt: skip
    entry_skills: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    boosts_s: Mapping[str, int] = field(
        default_factory=lambda: {
            "live": 60,
            "vip": 120,
            "breach": 600,
            "complaint": 300,
            "reopened": 30,
            "handover": 180,
        }
    )
    label_boosts: Mapping[str, str] = field(
        default_factory=dict
    )  # label id → boost, for the buyer's next chats
    sticky_window_s: int = 259_200  # 3 days, the window of first-contact resolution (domain.md §2.6)
    overflow_after_s: int = 60
    retransfer_after_s: int = 180  # unanswered for 3 min: somebody else takes over (domain.md §7 row 1)
    max_retransfers: int = 2
    exclusion_s: int = 600
    shrink: bool = True  # capacity shrinks with the load (domain.md §5.3)
    shrink_from_unanswered: int = 3  # 3 × 18 s a reply is past 45 s (domain.md §5.3, spec §2.3)
    shrink_floor: int = 8  # "默认上限 8–12" (domain.md §5.3)
    offline_auto_assign: bool = True  # 离线会话自动分配 (domain.md §5.1)
    grace_s: int = 45
    auto_offline_s: int = 900
    reserve_call_after_s: int = 90  # the reserve is called when somebody waits so long; 0: never (spec §2.6)
    reserve_answer_s: int = 60  # a call nobody answers goes to the next one
    reserve_quiet_s: int = 300  # nobody has waited for so long: the reserve stands down


_SPANS_S: Final[Mapping[str, tuple[int, int]]] = {
    "sticky_window_s": (0, 7_776_000), "overflow_after_s": (5, 86_400), "retransfer_after_s": (10, 86_400),
    "max_retransfers": (0, 20), "exclusion_s": (0, 86_400), "shrink_from_unanswered": (1, 50),
    "shrink_floor": (1, 50), "grace_s": (10, 3_600), "auto_offline_s": (60, 86_400),
    "reserve_call_after_s": (0, 86_400), "reserve_answer_s": (10, 3_600), "reserve_quiet_s": (30, 86_400),
}  # fmt: skip


def rules_of(value: Mapping[str, object]) -> Rules:
    """Return rules from their stored JSON; fields that are missing keep their defaults."""
    known = {name: value[name] for name in Rules.__dataclass_fields__ if name in value}
    if "mode" in known:
        known["mode"] = Mode(str(known["mode"]))
    return Rules(**known)  # type: ignore[arg-type]


def problems(rules: Rules, group_ids: frozenset[int], skill_codes: frozenset[str]) -> list[str]:
    """Return what is wrong with `rules`, in Chinese, for the person who edits them."""
    found = [
        f"{name} 须在 {low}–{high} 之间"
        for name, (low, high) in _SPANS_S.items()
        if not low <= getattr(rules, name) <= high
    ]
    refs = {"default_group": rules.default_group, **rules.entry_groups}
    found += [
        f"{where}：没有客服组 {ref}" for where, ref in refs.items() if not _is_group_ref(ref, group_ids)
    ]
    entries = {*rules.entry_groups, *rules.entry_skills}
    found += [f"没有入口 {entry}" for entry in sorted(entries - set(ENTRY_ZH))]
    found += [
        f"{entry}：没有技能 {code}，或等级不在 1–5 之间"
        for entry, needs in rules.entry_skills.items()
        for code, level in needs.items()
        if code not in skill_codes or not 1 <= level <= 5
    ]
    found += [
        f"优先级 {name} 须为 0–3600 秒，且是 {'、'.join(BOOSTS_ZH)} 之一"
        for name, seconds in rules.boosts_s.items()
        if name not in BOOSTS_ZH or not 0 <= seconds <= 3600
    ]
    found += [
        f"标签 {label}：没有这个标签，或没有优先级 {boost}"
        for label, boost in rules.label_boosts.items()
        if boost not in BOOSTS_ZH or not label.isdecimal()
    ]
    return found


def _is_group_ref(ref: str, group_ids: frozenset[int]) -> bool:
    return ref in GROUP_KINDS_ZH or (ref.isdecimal() and int(ref) in group_ids)


def entry_of(word: str) -> Entry:
    """Return the entry that a platform's word means; what nobody knows is 其他."""
    word = word.strip()
    if word in ENTRY_ZH:
        return Entry(word)
    return _ENTRY_WORDS.get(word, Entry.OTHER)


def home_group(rules: Rules, entry: Entry, groups: list[Group]) -> int:
    """Return the group that an entry leads to: its own, else the default, else the first; 0 without groups.

    Group 0 is everybody. Source: domain.md §5.1 (统一分配 / 分入口分配).
    """
    refs = [rules.entry_groups.get(entry, "")] if rules.by_entry else []
    for ref in [*refs, rules.default_group, *DEFAULT_GROUP_KINDS]:
        found = next((g.id for g in groups if ref == g.kind or ref == str(g.id)), None)
        if found is not None:
            return found
    return groups[0].id if groups else 0


def needs_of(rules: Rules, entry: Entry) -> dict[str, int]:
    """Return which skills, at which level at least, a chat from this entry needs."""
    return dict(rules.entry_skills.get(entry, {}))


def need_key(needs: Mapping[str, int]) -> str:
    """Return one text for a set of needs, '' for none: chats with the same text wait in the same lane."""
    return ",".join(f"{code}>={level}" for code, level in sorted(needs.items()))


def needs_from_key(key: str) -> dict[str, int]:
    """Return the needs that `need_key` wrote."""
    pairs = (part.rsplit(">=", 1) for part in key.split(",") if part)
    return {code: int(level) for code, level in pairs}
