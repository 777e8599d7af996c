"""The example shop 秒回旗舰店 on an empty installation, through the rooms' own actions."""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.app.seed.channels import Accounts, Addresses, point_at_simulators, seed_channels
from miaohui.app.seed.goods import PastBuyer, seed_goods, seed_past
from miaohui.app.seed.history import seed_history
from miaohui.app.seed.opening import seed_opening
from miaohui.app.seed.people import Seat, seed_people
from miaohui.app.seed.shop import NAME, seed_evening, seed_shop
from miaohui.app.seed.stage import Stage
from miaohui.app.seed.talks import seed_talks
from miaohui.kit.db import Database
from miaohui.shop import queries as shop_queries

__all__ = [
    "Accounts",
    "Addresses",
    "Example",
    "NotAnExample",
    "PastBuyer",
    "Seat",
    "Stage",
    "find_example",
    "point_at_simulators",
    "seed_evening",
    "seed_example",
    "seed_history",
    "seed_opening",
]


@dataclass(frozen=True)
class Example:
    """What was made."""

    shop_id: int
    seats: list[Seat]
    accounts: Accounts
    past: list[PastBuyer]


def find_example(db: Database) -> int | None:
    """Return the id of the only shop when it is the example shop, None when the installation is empty.

    Raises: NotAnExample when the installation holds anything else.
    """
    with db.read() as conn:
        shops = shop_queries.list_shops(conn, shop_queries.list_shop_ids(conn))
    if not shops:
        return None
    if len(shops) == 1 and shops[0].name == NAME:
        return int(shops[0].id)
    raise NotAnExample


class NotAnExample(Exception):
    """The installation holds a real shop: the demo keeps away from it."""

    def __init__(self) -> None:
        super().__init__(
            "这个数据目录里已有店铺，示例不会写入。请用 MIAOHUI_DATA_DIR 换一个空目录，或去掉 --demo。\n"
            "This data folder holds a shop already: choose an empty one by MIAOHUI_DATA_DIR, or leave out --demo."
        )


def seed_example(stage: Stage, addresses: Addresses, seed: int, scenario: str = "live-evening") -> Example:
    """Make the shop, its team, channels, goods, and the last nine days. The same seed gives the same world."""
    shop_id = seed_shop(stage)
    seats = seed_people(stage, shop_id, seed)
    accounts = seed_channels(stage, shop_id, addresses)
    seed_evening(stage, shop_id, scenario)
    seed_goods(stage, shop_id, accounts)
    past = seed_past(stage, shop_id, accounts)
    seed_talks(stage, shop_id, accounts, past)
    return Example(shop_id, seats, accounts, past)
