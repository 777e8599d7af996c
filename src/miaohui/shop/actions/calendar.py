"""Days that differ from the week: holidays, make-up days, closed days (spec §2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, select, update

from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx
from miaohui.shop.actions.shops import touch_rules
from miaohui.shop.events import CalendarChanged
from miaohui.shop.model import BAD_POLICY
from miaohui.shop.model.fit import day_problems
from miaohui.shop.model.shapes import Each, TimeOfDay
from miaohui.shop.store import calendar_exceptions

_WINDOWS = Each(Each(TimeOfDay(), 2, 2), 0, 12, day_problems)


def set_calendar_exception(
    tx: Tx, shop_id: int, on: date, name_zh: str, windows: Sequence[Sequence[str]]
) -> int:
    """Give a day its own opening hours, none for closed; return the version. The old row stays as history.

    Shape: windows as pairs of times, `[["10:00", "24:00"]]`; they may pass midnight.
    Raises: Refusal shop.bad_policy.
    """
    wanted = [list(pair) for pair in windows]
    if problems := _WINDOWS.problems(wanted):
        BAD_POLICY.refuse(problems=[{"path": p.under("windows").path, "message": p.zh} for p in problems])
    _remove(tx, shop_id, on)
    version = 1 + len(
        tx.execute(
            select(calendar_exceptions.c.id).where(
                calendar_exceptions.c.shop_id == shop_id, calendar_exceptions.c.on_date == on.isoformat()
            )
        ).all()
    )
    tx.execute(
        insert(calendar_exceptions).values(
            id=tx.ids.next(), shop_id=shop_id, on_date=on.isoformat(), name_zh=name_zh, windows=wanted,
            version=version, author=tx.actor.name, created_at=tx.now,
        )
    )  # fmt: skip
    _tell(tx, shop_id, on, "set", name_zh)
    return version


def remove_calendar_exception(tx: Tx, shop_id: int, on: date) -> None:
    """Give a day its ordinary hours back. Raises: Refusal kit.not_found."""
    if not _remove(tx, shop_id, on):
        NOT_FOUND.refuse(on_date=on.isoformat())
    _tell(tx, shop_id, on, "removed", "")


def _remove(tx: Tx, shop_id: int, on: date) -> bool:
    table = calendar_exceptions.c
    done = tx.execute(
        update(calendar_exceptions)
        .where(table.shop_id == shop_id, table.on_date == on.isoformat(), table.removed_at.is_(None))
        .values(removed_at=tx.now, removed_by=tx.actor.name)
    )
    return done.rowcount == 1


def _tell(tx: Tx, shop_id: int, on: date, change: str, name_zh: str) -> None:
    touch_rules(tx, shop_id)
    detail = {"on_date": on.isoformat(), "change": change, "name_zh": name_zh}
    tx.audit("shop.calendar_changed", f"day:{on.isoformat()}", detail, shop_id=shop_id)
    tx.feed(shop_id, ["shop"], "shop.calendar_changed", detail)
    tx.publish(CalendarChanged(shop_id, on.isoformat(), change, name_zh, tx.now))
