"""Policies: dated, versioned data with defaults that cite the specification. Pure.

A policy kind registers itself; rooms above this one register theirs in their own `model.py` by making a
`PolicyKind`. Values are JSON; what a person may write is checked by a shape, with a Chinese sentence each.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from miaohui.shop.model.shapes import Shape

POLICIES: dict[str, PolicyKind] = {}


@dataclass(frozen=True)
class PolicyKind:
    """One kind of policy: its name for people, where its default comes from, what may be written.

    `permission` is what one needs to change it, on top of `shop.manage`.
    """

    kind: str
    title_zh: str
    source: str
    default: Mapping[str, Any]
    shape: Shape
    permission: str = "shop.manage"

    def __post_init__(self) -> None:
        if problems := self.shape.problems(copy.deepcopy(dict(self.default))):
            raise ValueError(f"the default of {self.kind} does not fit: {problems}")
        POLICIES[self.kind] = self

    def default_value(self) -> dict[str, Any]:
        """Return a fresh copy of the default."""
        return copy.deepcopy(dict(self.default))


@dataclass(frozen=True)
class PolicyVersion:
    """One stored row: what holds from `effective_from` on. Version 0 is the default of the specification."""

    kind: str
    version: int
    effective_from: datetime | None
    value: dict[str, Any]
    author: str
    reason: str
    created_at: datetime | None
    undoes_version: int | None = None


def version_in_force(versions: Sequence[PolicyVersion], at: datetime) -> PolicyVersion | None:
    """Return which of one kind's rows holds at `at`: the latest start, the newest of equal ones; or None."""
    started = [v for v in versions if v.effective_from is not None and v.effective_from <= at]
    return max(started, key=lambda v: (v.effective_from, v.version), default=None)


def differences(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """Return what differs between two JSON values, one entry a leaf: path, old, new."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys: list[Any] = sorted({*old, *new})
        pairs = [(key, old.get(key), new.get(key)) for key in keys]
    elif isinstance(old, list) and isinstance(new, list):
        size = max(len(old), len(new))
        padded = [[*side, *[None] * (size - len(side))] for side in (old, new)]
        pairs = [(i, padded[0][i], padded[1][i]) for i in range(size)]
    elif old == new and type(old) is type(new):
        return []
    else:
        return [{"path": path, "old": old, "new": new}]
    return [d for key, a, b in pairs for d in differences(a, b, f"{path}.{key}" if path else str(key))]
