"""Channel accounts: one shop's account on one channel, with its state. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Among an account's secrets: the one-time code that was handed to the platform and has brought no token yet.
BEGUN = "auth_code_begun"


class ChannelState(StrEnum):
    """Whether an account receives and sends. `needs_login`: the platform took its authorisation back."""

    ACTIVE = "active"
    PAUSED = "paused"
    NEEDS_LOGIN = "needs_login"
    REVOKED = "revoked"


@dataclass(frozen=True)
class ChannelAccount:
    """One account with its secrets opened. `account_key` stands in the address of its webhook.

    `config` holds what may be shown, `secrets` what may not.
    """

    id: int
    shop_id: int
    account_key: str
    channel: str
    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    state: ChannelState = ChannelState.ACTIVE

    @property
    def is_authorisation_open(self) -> bool:
        """Whether a one-time code was begun and nobody knows what became of it."""
        return BEGUN in self.secrets

    @property
    def is_live(self) -> bool:
        """Whether deliveries are taken: a paused account still receives, a revoked one does not."""
        return self.state is not ChannelState.REVOKED


def fingerprint_of(code: str) -> str:
    """Return what tells one code from another without keeping it twice."""
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def secret_context(account_id: int) -> str:
    """Return what a sealed secret is bound to: it opens for no other account."""
    return f"shop_channel_accounts.secrets:{account_id}"
