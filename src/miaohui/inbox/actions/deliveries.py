"""Raw deliveries: stored before the platform gets its answer, handled in order afterwards, never in the way.

A delivery that cannot be read, or whose facts fail, becomes a visible failed one that can be replayed; it
blocks nobody (reliability.md F10, F19).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
import structlog
from sqlalchemy import insert, update

from miaohui.channels.model import Account, Inbound, RawRequest
from miaohui.inbox.actions.facts import apply_fact
from miaohui.inbox.events import ChannelFellSilent
from miaohui.inbox.model import FOREIGN_SHOP
from miaohui.inbox.store.deliveries import (
    BLANK,
    DONE,
    FAIL,
    INSERT_DELIVERY,
    PULSE,
    TAKE,
    TRY_LOCK,
    deliveries,
    replays,
    silences,
)
from miaohui.kit.attempts import attempt
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.errors import NOT_FOUND, Refusal
from miaohui.kit.tx import Tx

log = structlog.get_logger()
# One unit of the lane: whoever is to be answered meanwhile waits for it, so it stays well under 100 ms.
BATCH = 32
KEPT_HEADERS = frozenset({"content-type", "x-tt-logid", "msg-id", "app-id", "event-sign"})
Decode = Callable[[Account, RawRequest], Sequence[Inbound]]
FindAccount = Callable[[Tx, str], Account | None]


@dataclass(frozen=True)
class Doors:
    """How the pump finds accounts and reads deliveries.

    `find_owner(tx, account, platform_shop_id, raw)`: the account of another shop of the same app: one delivery
    of 抖店 may speak of several shops (channels.md §1.3).
    """

    find_account: FindAccount
    decode: Decode
    find_owner: Callable[[Tx, Account, str, RawRequest], Account | None]


def store_delivery(tx: Tx, account: Account, raw: RawRequest) -> None:
    """Store a genuine delivery as it came; nothing happens when exactly this one is there already."""
    request = {
        "method": raw.method,
        "path": raw.path,
        "query": dict(raw.query),
        "headers": {k: v for k, v in raw.headers.items() if k in KEPT_HEADERS or _is_own(k)},
    }
    tx.insert_later(
        INSERT_DELIVERY, tx.ids.next(), account.shop_id, account.id, account.key, account.channel,
        sha256(raw.body).hexdigest(), msgspec.json.encode(request).decode(), raw.body, to_ms(tx.now),
    )  # fmt: skip
    tx.ring("deliveries")


def _is_own(header: str) -> bool:
    """Tell whether a header is a platform's own; what proxies add says where people are, and nobody needs it."""
    return header.startswith("x-") and not header.startswith(("x-forwarded", "x-real"))


def pump_deliveries(tx: Tx, doors: Doors) -> int:
    """Handle the oldest waiting deliveries, at most 32; return how many.

    Order: strictly by arrival. On PostgreSQL one process pumps at a time: a lock that lasts until the commit
    keeps a buyer's messages in order; the others find the table busy and try again.
    """
    if tx.conn.dialect.name != "sqlite" and not tx.rows(TRY_LOCK)[0][0]:
        return 0
    taken = tx.rows(TAKE, BATCH)
    newest: dict[int, tuple[int, str, int]] = {}
    for row in taken:
        _handle(tx, row, doors)
        newest[row[2]] = (row[1], row[4], row[7])
    for account_id, (shop_id, channel, received_ms) in newest.items():
        tx.run(PULSE, account_id, shop_id, channel, received_ms)
        _end_silence(tx, shop_id, account_id)
    return len(taken)


def _handle(tx: Tx, row: Sequence[Any], doors: Doors) -> None:
    delivery_id, shop_id = row[0], row[1]
    read = attempt(lambda: _read(tx, row, doors))  # hostile input: it fails visibly
    if isinstance(read, Exception):
        _fail(tx, shop_id, delivery_id, 0, [_reason(read)])
        return
    account, facts = read
    outcomes = [
        attempt(partial(_apply, tx, account, fact, partial(_owned, tx, row, doors))) for fact in facts
    ]
    problems = [_reason(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    if problems:
        _fail(tx, shop_id, delivery_id, len(facts), problems)
    else:
        tx.run(DONE, len(facts), to_ms(tx.now), delivery_id)
        if "erased" in outcomes:  # nothing of it may stay either (R20)
            tx.run(BLANK, delivery_id, shop_id)


def _read(tx: Tx, row: Sequence[Any], doors: Doors) -> tuple[Account, Sequence[Inbound]]:
    account = doors.find_account(tx, row[3])
    if account is None:
        raise LookupError(f"the channel account {row[3]!r} is gone")
    return account, doors.decode(account, _request(row))


Owned = Callable[[Account, Inbound], tuple[Account, Inbound]]


def _owned(
    tx: Tx, row: Sequence[Any], doors: Doors, account: Account, fact: Inbound
) -> tuple[Account, Inbound]:
    """Return a fact about another shop as that shop's account reads it. Raises: Refusal inbox.foreign_shop."""
    shop, raw = str(fact.refs["foreign_shop_id"]), _request(row)
    owner = doors.find_owner(tx, account, shop, raw)
    if owner is None:
        FOREIGN_SHOP.refuse(platform_shop_id=shop)
    return owner, next(one for one in doors.decode(owner, raw) if one.event_key == fact.event_key)


def _apply(tx: Tx, account: Account, fact: Inbound, owned: Owned) -> str:
    """Apply one fact under its own savepoint: one that fails leaves nothing behind."""
    if "foreign_shop_id" in fact.refs:
        account, fact = owned(account, fact)
    with tx.savepoint():
        return apply_fact(tx, account, fact)


def _request(row: Sequence[Any]) -> RawRequest:
    request: Mapping[str, Any] = msgspec.json.decode(row[5])
    return RawRequest(
        request["method"],
        request["path"],
        request["headers"],
        request["query"],
        bytes(row[6]),
        from_ms(row[7]),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, Refusal):
        return f"{error.code} {error.detail}"
    return "".join(traceback.format_exception(error, limit=-4))[-2000:]


def _fail(tx: Tx, shop_id: int, delivery_id: int, fact_count: int, problems: list[str]) -> None:
    text = "\n---\n".join(problems)[:8000]
    log.warning("inbox.delivery_failed", delivery=delivery_id, shop=shop_id, error=problems[0][:500])
    tx.run(FAIL, fact_count, text, to_ms(tx.now), delivery_id)
    tx.feed(shop_id, ["admin"], "inbox.delivery_failed", {"delivery_id": delivery_id, "error": text[:300]})


def _end_silence(tx: Tx, shop_id: int, account_id: int) -> None:
    ended = tx.execute(
        update(silences)
        .where(
            silences.c.shop_id == shop_id, silences.c.account_id == account_id, silences.c.ended_at.is_(None)
        )
        .values(ended_at=tx.now)
    )
    if ended.rowcount:
        tx.feed(shop_id, ["shop", "admin"], "inbox.channel_spoke", {"account_id": account_id})


def replay_delivery(tx: Tx, shop_id: int, delivery_id: int, by_user_id: int | None) -> None:
    """Hand a failed delivery to the pump again; what it did before is not done twice.

    Raises: Refusal kit.not_found.
    """
    again = tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id == delivery_id, deliveries.c.shop_id == shop_id, deliveries.c.state == "failed"
        )
        .values(state="waiting")
    )
    if again.rowcount != 1:
        NOT_FOUND.refuse(delivery_id=delivery_id)
    tx.execute(
        insert(replays).values(
            id=tx.ids.next(), shop_id=shop_id, delivery_id=delivery_id, by_user_id=by_user_id, at=tx.now
        )
    )
    tx.audit("inbox.delivery_replayed", f"delivery:{delivery_id}", {}, shop_id=shop_id)
    tx.ring("deliveries")


def note_silence(tx: Tx, account: tuple[int, int, str], last_ms: int, after_s: int) -> bool:
    """Keep that a channel account fell silent; False when that is on record. `account`: shop, id, channel."""
    shop_id, account_id, channel = account
    open_row = tx.execute(
        silences.select().where(
            silences.c.shop_id == shop_id, silences.c.account_id == account_id, silences.c.ended_at.is_(None)
        )
    ).first()
    silent_s = (to_ms(tx.now) - last_ms) // 1000
    if open_row is not None or silent_s < after_s:
        return False
    tx.execute(
        insert(silences).values(
            id=tx.ids.next(), shop_id=shop_id, account_id=account_id, channel=channel,
            since=from_ms(last_ms), noticed_at=tx.now,
        )
    )  # fmt: skip
    tx.publish(ChannelFellSilent(shop_id, account_id, channel, silent_s, tx.now))
    facts = {"account_id": account_id, "channel": channel, "silent_s": silent_s}
    tx.feed(shop_id, ["shop", "board", "admin"], "inbox.channel_silent", facts)
    return True
