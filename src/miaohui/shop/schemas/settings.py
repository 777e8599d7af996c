"""Bodies of the routes of the shop, its tier and its policies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from miaohui.kit.http import Schema
from miaohui.shop.schemas.bounds import JsonObject, Label, Moment, Name, Reason, Version


class TierOut(Schema):
    """A tier with its head count and target (spec §1.3)."""

    tier: str
    name_zh: str
    orders_from: int
    agents_min: int
    agents_max: int
    target_s: int


class ShopOut(Schema):
    """The shop one works in."""

    id: int
    name: str
    main_category: str
    version: int
    tier: TierOut
    created_at: datetime


class ShopEdit(Schema):
    """A changed shop."""

    version: Version
    name: Name
    main_category: Label = ""


class TierProposalOut(Schema):
    """A proposal to change the tier; `decision` null: still open."""

    id: int
    from_tier: str
    to_tier: str
    orders_per_day: float
    measured_days: int
    created_at: datetime
    decision: str | None
    reason: str | None
    author: str | None
    decided_at: datetime | None


class TierProposalsOut(Schema):
    """Proposals, newest first."""

    items: list[TierProposalOut]


class TierDecisionIn(Schema):
    """A decision about a proposal."""

    decision: Literal["accepted", "declined"]
    reason: Reason = ""


class PolicyVersionOut(Schema):
    """One version of a policy. Version 0 is the default of the specification."""

    kind: str
    version: int
    effective_from: datetime | None
    value: dict[str, Any]
    author: str
    reason: str
    created_at: datetime | None
    undoes_version: int | None


class PolicySummaryOut(Schema):
    """A kind of policy and what holds now."""

    kind: str
    title_zh: str
    source: str
    permission: str
    current: PolicyVersionOut


class ShopPoliciesOut(Schema):
    """Every kind, in the order of the specification."""

    items: list[PolicySummaryOut]


class ShopPolicyOut(PolicySummaryOut):
    """One kind with its history, newest first; `version` is what a write must carry."""

    version: int
    history: list[PolicyVersionOut]


class ShopPolicyIn(Schema):
    """A new version. `version`: the newest one that the writer saw. `effective_from` null: at once."""

    version: Version
    value: JsonObject
    effective_from: Moment | None = None
    reason: Reason = ""


class PolicyUndoIn(Schema):
    """Write the value of `undo_version` again, as a new version."""

    version: Version
    undo_version: Version
    effective_from: Moment | None = None
    reason: Reason = ""
