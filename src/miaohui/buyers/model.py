"""Who a buyer is: identities, evidence that two of them are one person, consent. Pure.

One person over several platforms is joined on evidence only (the same order, the same phone), never on a
nickname (channels.md §6.2). Source: issue item 4, spec §9.2, domain §4.2, §4.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from miaohui.kit.errors import RefusalKind

SAME_BUYER = RefusalKind(
    "buyers.same_buyer", 409, "这两条买家记录本来就是同一个人", "These records are the same buyer already"
)
ALREADY_UNDONE = RefusalKind(
    "buyers.already_undone", 409, "这次合并已经撤销过了", "This merge was undone before"
)
MERGED_AGAIN = RefusalKind(
    "buyers.merged_again",
    409,
    "合并后的买家又被并入了他人，请先撤销后一次合并",
    "The kept buyer was merged into another one since: undo that merge first",
)
ALREADY_DECIDED = RefusalKind(
    "buyers.already_decided", 409, "这条合并建议已经处理过了", "This proposal was decided before"
)
ERASURE_RUNS = RefusalKind(
    "buyers.erasure_runs",
    409,
    "该买家的数据正在删除，请稍候",
    "The erasure of this buyer's data is under way",
)
NO_REASON = RefusalKind("buyers.no_reason", 422, "请填写原因", "Give a reason")


PHONE_CONTEXT = "buyers_contacts.phone"
ERASED_NAME_ZH = "已删除的买家"
ERASED_ZH = "（已按买家要求删除）"


class EvidenceKind(StrEnum):
    """What two identities can have in common."""

    ORDER = "order"
    PHONE = "phone"
    PLATFORM_LINK = "platform_link"


class Strength(StrEnum):
    """Who says so: the platform itself, or somebody in a chat (anybody can type an order number)."""

    PLATFORM = "platform"
    CLAIMED = "claimed"


class Purpose(StrEnum):
    """What a buyer may allow or refuse."""

    OUTREACH = "outreach"
    PROFILING = "profiling"
    RECORDING = "recording"


@dataclass(frozen=True)
class Evidence:
    """One thing an identity was seen with. `value_key` is an order id or a blind index, never a clear phone
    number; `shown_zh` is what a supervisor reads (masked)."""

    kind: EvidenceKind
    value_key: str
    shown_zh: str
    strength: Strength
    source: str


@dataclass(frozen=True)
class ConsentRow:
    """One decision of a buyer. `channel` is '' when it holds everywhere."""

    purpose: str
    channel: str
    is_granted: bool
    at: datetime
    id: int


@dataclass(frozen=True)
class Decision:
    """What a buyer decided, where we have it from, and what proves it. `channel` '' means everywhere."""

    purpose: str
    is_granted: bool
    channel: str = ""
    source: str = "agent"
    proof: str = ""


def is_join(left: Strength, right: Strength) -> bool:
    """Tell whether the same value on two identities joins them by itself; otherwise a person decides."""
    return left is Strength.PLATFORM and right is Strength.PLATFORM


def consent_in_force(rows: Iterable[ConsentRow], purpose: str, channel: str) -> ConsentRow | None:
    """Return the newest decision about `purpose` that covers `channel`, or None when there is none.

    Order: by time, then by id; a decision for one channel and one for every channel compete by time.
    """
    found = [row for row in rows if row.purpose == purpose and row.channel in ("", channel)]
    return max(found, key=lambda row: (row.at, row.id), default=None)


def kept_first(left: tuple[int, datetime], right: tuple[int, datetime]) -> tuple[int, int]:
    """Return (kept, merged): the record that was seen first is kept."""
    kept, merged = sorted((left, right), key=lambda pair: (pair[1], pair[0]))
    return kept[0], merged[0]
