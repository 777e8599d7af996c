"""What happened to buyers: facts in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BuyersMerged:
    """Two buyer records turned out to be one person: everything of `merged_id` now belongs to `kept_id`."""

    shop_id: int
    kept_id: int
    merged_id: int


@dataclass(frozen=True)
class BuyersSplit:
    """A merge was undone: the identities in `identity_ids` belong to `restored_id` again."""

    shop_id: int
    kept_id: int
    restored_id: int
    identity_ids: tuple[int, ...]


@dataclass(frozen=True)
class BuyerErased:
    """A person's data are gone from this room; whoever keeps more of them erases it (R20)."""

    shop_id: int
    erasure_id: int
    buyer_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class ConsentChanged:
    """A buyer allowed or refused a purpose. `channel` is '' when it holds for every channel."""

    shop_id: int
    buyer_id: int
    purpose: str
    channel: str
    is_granted: bool
    at: datetime
