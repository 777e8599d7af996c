"""What goes out, what a channel can do, and when it may be done. Pure.

Send windows and quotas are state that people see before they write, not errors to discover
(channels.md §0.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from miaohui.channels.model.parts import Part


@dataclass(frozen=True)
class Outbound:
    """One bubble to one person. `reply_to` is the platform's id of the buyer message that opened the window,
    `scene` the door it goes through (抖音), `seat` the platform account of the agent (bridge)."""

    conversation_key: str
    to_platform_id: str
    parts: tuple[Part, ...]
    reply_to: str = ""
    scene: str = ""
    seat: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """The platform took it. `is_delivered` is True where the buyer's side confirmed."""

    platform_msg_id: str
    sent_at: datetime | None = None
    is_delivered: bool = False
    raw: Any = None


class Family(StrEnum):
    """Three families with different guarantees (channels.md §0.3)."""

    CONVERSATIONS = "conversations"
    BUSINESS = "business_events"
    PUBLIC = "public_content"


@dataclass(frozen=True)
class Capabilities:
    """What a channel can do, for the capability page.

    `unverified` names what rests on documents only and was never tried against the live platform: it must be
    shown as such. `is_attended` is True where a person must be present (飞鸽: 智能辅助 only).
    Units: characters, seconds; None means that nobody knows or that there is no limit (see `notes_zh`).
    """

    channel: str
    name_zh: str
    families: frozenset[Family]
    parts_in: frozenset[str] = frozenset()
    parts_out: frozenset[str] = frozenset()
    max_text_chars: int | None = None
    max_bubbles_per_window: int | None = None
    recall_within_s: int | None = None
    can_recall: bool = False
    can_type: bool = False
    can_read_receipts: bool = False
    can_lookup: bool = False
    can_history: bool = False
    can_transfer: bool = False
    has_idempotent_send: bool = False
    is_attended: bool = False
    unverified: tuple[str, ...] = ()
    notes_zh: str = ""


@dataclass(frozen=True)
class SceneRule:
    """One door through which messages may go out.

    `opens_on` names the buyer's act (message, enter, auth, always); the door stays open `lasts_s` seconds and
    lets `quota` messages through, counted since the act or, for `per` == 'day', since local midnight; after
    that QUOTA. None: no limit known.
    """

    scene: str
    opens_on: str
    lasts_s: int | None = None
    quota: int | None = None
    per: str = "opening"


@dataclass(frozen=True)
class ConvState:
    """What the window depends on. `opened`: when the buyer last did each act; `sent`: our sends as
    (scene, at); `day_start` is the local midnight before now, for rules per day; `until`: act → end given by
    the platform (抖音 im_authorize expire_time)."""

    opened: Mapping[str, datetime] = field(default_factory=dict)
    sent: tuple[tuple[str, datetime], ...] = ()
    day_start: datetime | None = None
    until: Mapping[str, datetime] = field(default_factory=dict)
    is_reachable: bool = True


@dataclass(frozen=True)
class SendWindow:
    """Whether a message may go out now, how many more, until when, and through which door.

    `reason`: open, offline (open, but the line is down just now), closed, never_opened, quota, unreachable.
    None for `remaining`: unlimited.
    """

    is_open: bool
    remaining: int | None = None
    closes_at: datetime | None = None
    scene: str = ""
    reason: str = "open"


def send_window(rules: tuple[SceneRule, ...], state: ConvState, now: datetime) -> SendWindow:
    """Return the best open door, or why all are shut.

    Order: of the open doors the one that closes last, then the one with most messages left; of the shut ones
    quota before closed before never opened.
    """
    if not state.is_reachable:
        return SendWindow(False, 0, None, "", "unreachable")
    found = [_door(rule, state, now) for rule in rules]
    if not found:
        return SendWindow(True)
    doors = [door for door in found if door.is_open]
    if doors:
        return max(doors, key=lambda door: (_far(door.closes_at), _many(door.remaining)))
    order = {"quota": 0, "closed": 1, "never_opened": 2}
    return min(found, key=lambda door: order[door.reason])


def _door(rule: SceneRule, state: ConvState, now: datetime) -> SendWindow:
    opened = state.opened.get(rule.opens_on)
    if opened is None and rule.opens_on != "always":
        return SendWindow(False, 0, None, rule.scene, "never_opened")
    closes_at = _closing(rule, state, opened)
    if closes_at is not None and now >= closes_at:
        return SendWindow(False, 0, closes_at, rule.scene, "closed")
    if rule.quota is None:
        return SendWindow(True, None, closes_at, rule.scene)
    since = state.day_start if rule.per == "day" else opened
    used = sum(1 for scene, at in state.sent if scene == rule.scene and (since is None or at >= since))
    left = max(0, rule.quota - used)
    return SendWindow(left > 0, left, closes_at, rule.scene, "open" if left else "quota")


def _closing(rule: SceneRule, state: ConvState, opened: datetime | None) -> datetime | None:
    ends = [state.until[rule.opens_on]] if rule.opens_on in state.until else []
    if rule.lasts_s is not None and opened is not None:
        ends.append(opened + timedelta(seconds=rule.lasts_s))
    return min(ends, default=None)


def _far(at: datetime | None) -> float:
    return float("inf") if at is None else at.timestamp()


def _many(count: int | None) -> float:
    return float("inf") if count is None else count


def scene_rules(values: Any, default: tuple[SceneRule, ...]) -> tuple[SceneRule, ...]:
    """Return the rules that an account's configuration lists, else `default`.

    Shape: `[{"scene", "opens_on", "lasts_s"?, "quota"?, "per"?}]`.
    """
    if not isinstance(values, list):
        return default
    return tuple(SceneRule(**value) for value in values)
