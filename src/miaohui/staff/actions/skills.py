"""Skills with level and expiry (spec §1.5), and the shop's own catalogue."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import insert, update

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.staff import queries, store
from miaohui.staff.events import SkillsChanged
from miaohui.staff.model import BAD_SKILL, Skill, are_valid_skills

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")


def add_skill_kind(tx: Tx, shop_id: int, code: str, name_zh: str) -> None:
    """Add a skill to the shop's catalogue (a product line, a language). Raises: Refusal staff.bad_skill."""
    if not _CODE.fullmatch(code) or not name_zh.strip() or code in queries.skill_catalogue(tx.conn, shop_id):
        BAD_SKILL.refuse(code=code)
    tx.execute(
        insert(store.skill_kinds).values(
            shop_id=shop_id, code=code, name_zh=name_zh.strip(), created_at=tx.now
        )
    )
    tx.audit("staff.skill_kind_added", f"skill:{code}", {"name_zh": name_zh}, shop_id=shop_id)


def set_skills(tx: Tx, shop_id: int, user_id: int, skills: Sequence[Skill], expected_version: int) -> int:
    """Replace an agent's skills; return the new version. Rows that end stay as history.

    Raises: Refusal staff.agent_missing, staff.bad_skill, kit.stale.
    """
    agent = queries.get_agent(tx.conn, shop_id, user_id)
    if not are_valid_skills(skills, queries.skill_catalogue(tx.conn, shop_id)):
        BAD_SKILL.refuse(codes=[skill.code for skill in skills])
    held = {skill.code: skill for skill in queries.list_skills(tx.conn, shop_id, user_id)}
    a = store.agents
    changed = tx.execute(
        update(a)
        .where(a.c.shop_id == shop_id, a.c.user_id == user_id, a.c.skills_version == expected_version)
        .values(skills_version=expected_version + 1)
    )
    if changed.rowcount != 1:
        STALE.refuse(version=agent.skills_version, codes=sorted(held))
    wanted = {skill.code: skill for skill in skills}
    for code in sorted(held.keys() | wanted.keys()):
        if held.get(code) != wanted.get(code):
            _replace(tx, shop_id, user_id, code, wanted.get(code))
    tx.audit(
        "staff.skills_set", f"agent:{user_id}",
        {"from": sorted(held), "to": {s.code: s.level for s in skills}}, shop_id=shop_id,
    )  # fmt: skip
    tx.feed(shop_id, ["shop", "admin", f"agent:{user_id}"], "staff.skills_changed", {"user_id": user_id})
    tx.publish(SkillsChanged(shop_id, user_id, tx.now))
    return expected_version + 1


def _replace(tx: Tx, shop_id: int, user_id: int, code: str, skill: Skill | None) -> None:
    s = store.skills
    tx.execute(
        update(s)
        .where(s.c.shop_id == shop_id, s.c.user_id == user_id, s.c.code == code, s.c.ended_at.is_(None))
        .values(ended_at=tx.now)
    )
    if skill is not None:
        tx.execute(
            insert(s).values(
                id=tx.ids.next(), shop_id=shop_id, user_id=user_id, code=code, level=skill.level,
                expires_on=skill.expires_on.isoformat() if skill.expires_on else None,
                granted_at=tx.now, by_user_id=tx.actor.id,
            )
        )  # fmt: skip
