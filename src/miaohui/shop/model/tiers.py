"""Shop tiers: 新店, 成长店, KA. The tier follows from measured orders a day; it never switches silently.

Source: spec §1.3 (boundaries 50 and 300 are ours).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIERS = ("new", "growing", "ka")


@dataclass(frozen=True)
class Tier:
    """One row of the table of spec §1.3. Units: orders a day, seconds."""

    tier: str
    name_zh: str
    orders_from: int
    agents_min: int
    agents_max: int
    target_s: int


def tiers_of(value: Mapping[str, Any]) -> tuple[Tier, ...]:
    """Return the table of a `tiers` policy, smallest shop first."""
    return tuple(sorted((Tier(**row) for row in value["tiers"]), key=lambda tier: tier.orders_from))


def tier_of(orders_per_day: float, tiers: tuple[Tier, ...]) -> Tier:
    """Return the tier that a measured number of orders a day belongs to: 50 is 成长店, 300 is KA.

    Source: spec §1.3.
    """
    return max((t for t in tiers if orders_per_day >= t.orders_from), key=lambda t: t.orders_from)


def named_tier(name: str, tiers: tuple[Tier, ...]) -> Tier:
    """Return the tier of that name. Raises: KeyError."""
    for tier in tiers:
        if tier.tier == name:
            return tier
    raise KeyError(name)
