"""The pump: stored deliveries become messages, in the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence

from miaohui.channels.model import Account, Inbound, RawRequest
from miaohui.inbox.actions.deliveries import Doors, pump_deliveries
from miaohui.inbox.jobs.ports import book_of, ingress_of
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Pump


def pumps(rt: Runtime) -> list[Pump]:
    """Return the inbox's pump, bound to this process's adapters and accounts."""

    def find_account(tx: Tx, account_key: str) -> Account | None:
        return book_of(rt).by_key(tx.conn, account_key)

    def decode(account: Account, raw: RawRequest) -> Sequence[Inbound]:
        ingress = ingress_of(rt, account.channel)
        if ingress is None:
            raise LookupError(f"no adapter for channel {account.channel!r}")
        return ingress.decode(raw, account)

    def find_owner(tx: Tx, near: Account, platform_shop_id: str, raw: RawRequest) -> Account | None:
        ingress = ingress_of(rt, near.channel)
        return book_of(rt).of_platform_shop(
            tx.conn,
            near,
            platform_shop_id,
            lambda one: ingress is not None and bool(ingress.verify(raw, one)),
        )

    doors = Doors(find_account, decode, find_owner)
    return [Pump("inbox.deliveries", "deliveries", lambda tx: pump_deliveries(tx, doors))]
