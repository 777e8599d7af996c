"""The pump: stored deliveries become messages, in the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence

from miaohui.channels.model import Account, Inbound, RawRequest
from miaohui.inbox.actions.deliveries import pump_deliveries
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

    return [Pump("inbox.deliveries", "deliveries", lambda tx: pump_deliveries(tx, find_account, decode))]
