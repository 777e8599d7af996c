"""What inbox tests share: an account, buyers' lines, a fake channel that remembers what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, Role
from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.facts import apply_fact
from tests.world import NOON, SHOP_A, World

ACCOUNT = Account(SHOP_A, 9001, "key-a", "douyin")
BRIDGE = Account(SHOP_A, 9002, "key-bridge", "bridge")
WIDGET = Account(SHOP_A, 9003, "key-widget", "widget")


def line(
    text: str, key: str = "m1", buyer: str = "7300000000000000001", *, account: Account = ACCOUNT,
    at: datetime = NOON, **more: Any,
) -> Inbound:  # fmt: skip
    """A buyer's line as an adapter hands it over."""
    role = more.pop("role", Role.BUYER)
    origin = Origin.BRIDGE if account.channel == "bridge" else Origin.APP
    values: dict[str, Any] = {
        "actor": Party(role, buyer if role is Role.BUYER else "seat-1", "赵小明"),
        "conversation_key": f"c-{buyer}", "message_key": f"p-{key}", "origin": origin,
        "parts": (Text(text),), "kind": Kind.MESSAGE,
    }  # fmt: skip
    values.update(more)
    return Inbound(
        channel=account.channel, account_key=account.key, event_key=f"e-{key}", occurred_at=at, **values
    )


def arrive(world: World, fact: Inbound, account: Account = ACCOUNT) -> str:
    """Apply one fact in its own transaction."""
    return world.write(lambda tx: apply_fact(tx, account, fact))


def say(world: World, text: str, key: str, buyer: str = "7300000000000000001", **more: Any) -> None:
    """Let a buyer say something now."""
    account = more.get("account", ACCOUNT)
    arrive(world, line(text, key, buyer, at=world.clock.now(), **more), account)


def later(seconds: float) -> datetime:
    """A time after noon."""
    return NOON + timedelta(seconds=seconds)


def only(rows: list[Any]) -> Any:
    """The single item of a list."""
    assert len(rows) == 1, rows
    return rows[0]


def refs(**values: Any) -> Mapping[str, Any]:
    """Platform references as text."""
    return values
