"""The rulebook: everything dated that decides a target, read once and kept while nothing changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from miaohui.shop.model.calendar import CalendarException
from miaohui.shop.model.live import LiveSession, Promotion
from miaohui.shop.model.policies import POLICIES, PolicyVersion, version_in_force


@dataclass(frozen=True, eq=False)
class Rulebook:
    """A shop's policies with their dates, its live sessions, promotions and exceptional days.

    `stamp` names this state: any change of the shop's rules gives a new one. Shape: `policies` holds every
    stored version of a kind, oldest first; kinds without rows have their default.
    """

    shop_id: int
    stamp: int
    policies: Mapping[str, tuple[PolicyVersion, ...]]
    live_sessions: tuple[LiveSession, ...]
    promotions: tuple[Promotion, ...]
    exceptions: Mapping[date, CalendarException]

    def policy(self, kind: str, at: datetime) -> Mapping[str, Any]:
        """Return the value that holds at `at`, or the default. Raises: KeyError for an unknown kind."""
        found = version_in_force(self.policies.get(kind, ()), at)
        return POLICIES[kind].default if found is None else found.value

    def version(self, kind: str, at: datetime) -> int:
        """Return the version that holds at `at`; 0 is the default."""
        found = version_in_force(self.policies.get(kind, ()), at)
        return 0 if found is None else found.version

    def value_of(self, kind: str, version: int) -> Mapping[str, Any]:
        """Return the value of one version; 0 is the default. Raises: KeyError for a version that never was."""
        if version == 0:
            return POLICIES[kind].default
        for found in self.policies.get(kind, ()):
            if found.version == version:
                return found.value
        raise KeyError(f"{kind} version {version}")
