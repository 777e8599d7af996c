"""Bodies of the routing rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from miaohui.kit.http import Schema
from miaohui.routing.model import Mode, Rules
from miaohui.routing.queries import RulesVersion
from miaohui.routing.schemas.fields import Note, Whole


class RulesBody(Schema):
    """The routing rules; units are whole seconds where the name ends in `_s`."""

    mode: Mode
    by_entry: bool
    default_group: str
    entry_groups: dict[str, str]
    entry_skills: dict[str, dict[str, int]]
    boosts_s: dict[str, int]
    label_boosts: dict[str, str] = {}
    sticky_window_s: int
    overflow_after_s: int
    retransfer_after_s: int
    max_retransfers: int
    exclusion_s: int
    shrink: bool
    shrink_from_unanswered: int
    shrink_floor: int
    offline_auto_assign: bool
    grace_s: int
    auto_offline_s: int
    reserve_call_after_s: int = 90
    reserve_answer_s: int = 60
    reserve_quiet_s: int = 300

    def rules(self) -> Rules:
        return Rules(**self.model_dump())

    @staticmethod
    def of(rules: Rules) -> RulesBody:
        fields: dict[str, Any] = {name: getattr(rules, name) for name in Rules.__dataclass_fields__}
        return RulesBody.model_validate(fields)


class RulesIn(Schema):
    """New rules, with the version they were made from."""

    rules: RulesBody
    reason: Note = ""
    version: Whole


class RulesVersionOut(Schema):
    """One stored version."""

    version: int
    effective_at: datetime
    author_id: int | None
    reason: str
    rules: RulesBody

    @staticmethod
    def of(found: RulesVersion) -> RulesVersionOut:
        return RulesVersionOut(
            version=found.version, effective_at=found.effective_at, author_id=found.author_id,
            reason=found.reason, rules=RulesBody.of(found.rules),
        )  # fmt: skip


class RulesOut(Schema):
    """The rules in force (version 0: the defaults), the history, and what the words mean."""

    version: int
    rules: RulesBody
    items: list[RulesVersionOut]
    entries_zh: dict[str, str]
    boosts_zh: dict[str, str]
