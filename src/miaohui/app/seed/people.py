"""The team of the example shop: the article's reference team and two live agents (spec §1.2, §1.4)."""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.access import actions as access
from miaohui.app.seed.stage import Stage
from miaohui.kit.passwords import Passwords
from miaohui.kit.tx import Tx
from miaohui.staff import actions as staff
from miaohui.staff import queries as staff_queries
from miaohui.staff.actions.agents import AgentDraft
from miaohui.staff.model import Skill


@dataclass(frozen=True)
class Person:
    """Who works here. `group`: kind of the group, '' for people who lead; `is_you`: the seat left to you."""

    login: str
    name: str
    role: str
    title_zh: str
    group: str = ""
    capacity: int = 10
    is_you: bool = False


# Spec §1.2: one supervisor, three pre-sale, two order handlers, two after-sale; §1.4: two for the live room.
TEAM = (
    Person("laoban", "陈立", "owner", "老板"),
    Person("dianzhang", "周敏", "manager", "店长"),
    Person("zhuguan", "林悦", "supervisor", "客服主管"),
    Person("xiaomei", "小美", "agent", "售前 · 您的席位", "pre_sale", is_you=True),
    Person("xiaolin", "小林", "agent", "售前", "pre_sale"),
    Person("xiaoyu", "小雨", "agent", "售前", "pre_sale", 8),
    Person("xiaozhao", "小赵", "agent", "售中订单", "orders"),
    Person("xiaoqian", "小钱", "agent", "售中订单", "orders"),
    Person("xiaosun", "小孙", "agent", "售后", "after_sale"),
    Person("xiaoli", "小李", "agent", "售后", "after_sale", 8),
    Person("zhibo1", "阿直", "agent", "直播客服", "live", 12),
    Person("zhibo2", "阿播", "agent", "直播客服", "live", 12),
)
_SKILLS = {
    "pre_sale": (Skill("feige_operation", 4), Skill("platform_rules", 3)),
    "orders": (Skill("feige_operation", 3), Skill("platform_rules", 3)),
    "after_sale": (Skill("feige_operation", 3), Skill("platform_rules", 5)),
    "live": (Skill("feige_operation", 4), Skill("basic_editing", 3)),
}  # spec §1.5


@dataclass(frozen=True)
class Seat:
    """A person with their id and the password of the demo."""

    person: Person
    user_id: int
    password: str


def demo_password(seed: int) -> str:
    """Return the demo's password: the same for everybody, printed at the start, different for every seed."""
    return f"miaohui-demo-{(seed * 7919 + 4211) % 10_000:04d}"


def seed_people(stage: Stage, shop_id: int, seed: int) -> list[Seat]:
    """Make groups, people, roles, agents and skills; return the seats."""
    password = demo_password(seed)
    hashed = Passwords().hashed(password)

    def write(tx: Tx) -> list[Seat]:
        groups = staff.ensure_default_groups(tx, shop_id)
        return [Seat(person, _add(tx, shop_id, person, hashed, groups), password) for person in TEAM]

    return stage.write(write)


def _add(tx: Tx, shop_id: int, person: Person, hashed: str, groups: dict[str, int]) -> int:
    user_id = access.create_user(tx, person.login, person.name, hashed)
    group_ids = _groups_of(person, groups)
    access.grant_role(tx, shop_id, user_id, person.role)
    if not person.group:
        return user_id
    staff.add_agent(tx, shop_id, AgentDraft(user_id, person.name, group_ids, person.capacity))
    known = staff_queries.skill_catalogue(tx.conn, shop_id)
    skills = [skill for skill in _SKILLS[person.group] if skill.code in known]
    staff.set_skills(
        tx, shop_id, user_id, skills, staff_queries.get_agent(tx.conn, shop_id, user_id).skills_version
    )
    return user_id


def _groups_of(person: Person, groups: dict[str, int]) -> tuple[int, ...]:
    """Live agents help pre-sale outside sessions; everybody else is in one group."""
    kinds = [person.group, "pre_sale"] if person.group == "live" else [person.group]
    return tuple(groups[kind] for kind in kinds if kind)
