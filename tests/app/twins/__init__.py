"""Two shops in one running application, each with one of everything: what the authorisation matrix walks over.

Everything is made through the rooms' own actions. All texts of a shop carry its mark, so that a leak is seen
wherever it happens.
"""

from __future__ import annotations

from miaohui.app.process import Process
from miaohui.kit.tx import Actor
from tests.app.twins.floor import ON_DATE, PNG, POLICY, Shop
from tests.app.twins.stock import Maker

__all__ = ["ON_DATE", "PNG", "POLICY", "Shop", "furnish"]


def furnish(process: Process, mark: str) -> Shop:
    """Make a shop with at least one object of every kind that an address or a body can name."""
    maker = Maker(process, mark)
    for step in (
        maker.people, maker.channel, maker.talks, maker.work, maker.goods, maker.merges, maker.calendar,
        maker.doors, maker.letters, maker.nonsense, maker.failures,
    ):  # fmt: skip
        process.rt.lane.run_here(step, Actor("user", maker.made.users.get("owner"), f"老板{mark}"))
    maker.imports()
    maker.open_doors()
    return maker.made
