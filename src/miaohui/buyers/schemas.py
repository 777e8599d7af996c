"""Shapes of buyers in HTTP. Names and numbers are masked; the clear number has a route of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from miaohui.kit.http import Schema

Ident = Annotated[int, Field(ge=1, lt=2**53)]
Reason = Annotated[str, Field(min_length=1, max_length=500, description="原因，写入审计")]


class IdentityOut(Schema):
    id: int
    channel: str
    platform_id: str
    name_zh: str
    first_seen_at: datetime


class ContactOut(Schema):
    id: int
    kind: str
    masked_zh: str
    source: str
    at: datetime


class ConsentOut(Schema):
    purpose: str
    channel: str
    is_granted: bool
    at: datetime


class MergeOut(Schema):
    id: int
    kept_id: int
    merged_id: int
    reason: str
    by_user_id: int | None
    at: datetime
    undone_at: datetime | None
    undone_by_user_id: int | None


class BuyerOut(Schema):
    """A buyer's profile. `id` is the record that is kept when the asked one was merged."""

    id: int
    name_zh: str
    first_seen_at: datetime
    merged_ids: list[int]
    identities: list[IdentityOut]
    contacts: list[ContactOut]
    consents: list[ConsentOut]
    merges: list[MergeOut]


class BuyerRow(Schema):
    id: int
    name_zh: str
    first_seen_at: datetime


class BuyersOut(Schema):
    items: list[BuyerRow]
    next_cursor: str | None


class BuyerEvidenceOut(Schema):
    id: int
    identity_id: int
    kind: str
    shown_zh: str
    strength: str
    source: str
    seen_at: datetime


class EvidencesOut(Schema):
    items: list[BuyerEvidenceOut]


class ProposalOut(Schema):
    id: int
    kind: str
    shown_zh: str
    at: datetime
    left_buyer_id: int
    left_name_zh: str
    left_channel: str
    right_buyer_id: int
    right_name_zh: str
    right_channel: str


class ProposalsOut(Schema):
    items: list[ProposalOut]


class MergeIn(Schema):
    merged_id: Ident = Field(description="并入的买家")
    reason: Reason


class MergeUndoIn(Schema):
    reason: Reason


class DecisionIn(Schema):
    is_same: bool


class ConsentIn(Schema):
    purpose: Literal["outreach", "profiling", "recording"]
    is_granted: bool
    channel: Annotated[str, Field(max_length=40)] = ""
    proof: Annotated[str, Field(max_length=1000, description="依据：原话、截图编号等")] = ""


class ConsentRowOut(Schema):
    id: int
    purpose: str
    channel: str
    is_granted: bool
    source: str
    proof: str
    by_user_id: int | None
    at: datetime


class ConsentRowsOut(Schema):
    items: list[ConsentRowOut]


class RevealIn(Schema):
    reason: Reason


class PhoneOut(Schema):
    phone: str


class BuyerIdOut(Schema):
    buyer_id: int


class MergedOut(Schema):
    merge_id: int


class ErasureIn(Schema):
    reason: Reason


class ErasureOut(Schema):
    """An erasure of a person's data. `done_at`: every room has erased; `compacted_at`: no trace in the file."""

    id: int
    reason: str
    by_user_id: int | None
    asked_at: datetime
    done_at: datetime | None
    counts: dict[str, int]
    compacted_at: datetime | None


class ErasuresOut(Schema):
    items: list[ErasureOut]
