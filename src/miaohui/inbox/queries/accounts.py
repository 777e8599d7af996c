"""Channel accounts as the inbox needs them, cached in process: a delivery must not wait for a look-up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from miaohui.channels.model import Account
from miaohui.kit.clock import Clock
from miaohui.kit.crypto import Vault
from miaohui.shop.model.channels import ChannelAccount
from miaohui.shop.queries import find_channel_account, get_channel_account, list_live_accounts

LASTS_S = 5.0
MAX_KEPT = 10_000


def account_of(found: ChannelAccount) -> Account:
    """Return a shop's account in the words of the channels."""
    return Account(
        found.shop_id, found.id, found.account_key, found.channel, found.config, dict(found.secrets)
    )


@dataclass
class AccountBook:
    """Accounts by key and by id, each looked up again after five seconds: a revoked key stops soon.

    Unknown keys are remembered as well, so that guessing costs no query each. Thread-safe.
    """

    vault: Vault
    clock: Clock
    _kept: dict[object, tuple[float, Account | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, key: object) -> tuple[bool, Account | None]:
        """Return (is it cached, the account)."""
        with self._lock:
            found = self._kept.get(key)
        if found is None or self.clock.monotonic_s() - found[0] > LASTS_S:
            return False, None
        return True, found[1]

    def by_key(self, conn: Connection, account_key: str) -> Account | None:
        """Return the account of a webhook address, None for unknown and revoked ones."""
        is_known, account = self.known(account_key)
        if not is_known:
            found = find_channel_account(conn, self.vault, account_key)
            account = account_of(found) if found is not None and found.is_live else None
            self._keep(account_key, account)
        return account

    def by_id(self, conn: Connection, shop_id: int, account_id: int) -> Account:
        """Return an account of a shop. Raises: Refusal kit.not_found."""
        is_known, account = self.known((shop_id, account_id))
        if not is_known or account is None:
            account = account_of(get_channel_account(conn, self.vault, shop_id, account_id))
            self._keep((shop_id, account_id), account)
        return account

    def of_platform_shop(
        self, conn: Connection, near: Account, platform_shop_id: str, is_genuine: Callable[[Account], bool]
    ) -> Account | None:
        """Return the live account of another platform shop under the same app as `near`, None where there is
        none. `is_genuine` tells whether a delivery that `near` took is signed for an account as well."""
        key = (near.channel, near.id, platform_shop_id)
        is_known, account = self.known(key)
        if not is_known:
            found = map(account_of, list_live_accounts(conn, self.vault, near.channel))
            theirs = (one for one in found if str(one.config.get("platform_shop_id", "")) == platform_shop_id)
            account = next((one for one in theirs if is_genuine(one)), None)
            self._keep(key, account)
        return account

    def forget(self) -> None:
        """Look everything up again; wired on changes of accounts."""
        with self._lock:
            self._kept.clear()

    def _keep(self, key: object, account: Account | None) -> None:
        with self._lock:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = (self.clock.monotonic_s(), account)
