"""What trade needs from outside: accounts that can be asked again. Protocols and numbers only.

`app` puts an implementation into `rt.ports["trade.accounts"]` that joins the shop's accounts with the
channels' adapters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from miaohui.channels.model.inbound import Account
from miaohui.channels.model.ports import Puller

RECONCILE_EVERY_S = 60
FIRST_LOOK_BACK = timedelta(days=7)
STREAMS = ("orders", "aftersales", "service_tickets")


@dataclass(frozen=True)
class PullAccount:
    """An account together with the adapter that can be asked about it."""

    account: Account
    puller: Puller


class PullAccounts(Protocol):
    """Finds the accounts whose platform can be asked about orders and after-sales."""

    async def list_pullable(self) -> list[PullAccount]:
        """Return every such account of the installation."""

    async def find_pullable(self, shop_id: int, account_id: int) -> PullAccount | None:
        """Return one account, None when it is unknown or its platform cannot be asked."""


def window_start(done_until: datetime | None, now: datetime) -> datetime:
    """Return from when on to ask for changes: the last complete look, a week back at first.

    The adapter subtracts the overlap of at least ten minutes (channels.md §1.3, `Puller.pull`).
    """
    return now - FIRST_LOOK_BACK if done_until is None else done_until
