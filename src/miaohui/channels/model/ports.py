"""What an adapter offers and what it needs, in three families (channels.md §0.3, §6.2). Protocols only.

*Conversations* go both ways and must not lose a word; *business events* are pushed and then reconciled by
pulling; *public content* is lossy and read by polling. An adapter implements the families that its platform
really offers; `Capabilities.families` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from miaohui.channels.model.inbound import Account, HttpReply, Inbound, RawRequest, Verdict
from miaohui.channels.model.outbound import Capabilities, ConvState, Outbound, Receipt, SendWindow

if TYPE_CHECKING:
    from miaohui.kit.egress import Ask, Reply


@runtime_checkable
class Ingress(Protocol):
    """The push side: pure, fast, no I/O, no clock. `verify` sees bytes only, before any parsing."""

    def verify(self, raw: RawRequest, account: Account) -> Verdict:
        """Return whether the platform really sent it."""

    def handshake(self, raw: RawRequest, account: Account) -> HttpReply | None:
        """Return the answer to a challenge, or None for an ordinary delivery."""

    def decode(self, raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
        """Return the facts inside. Unknown kinds come as `Kind.UNKNOWN`, nothing is dropped.

        Raises: Refusal channels.bad_delivery, kit.too_large.
        """

    def ack(self, ok: bool) -> HttpReply:
        """Return the exact answer that the platform expects."""


@runtime_checkable
class Sender(Protocol):
    """The way out of a conversation channel."""

    caps: Capabilities

    def window(self, account: Account, state: ConvState, now: datetime) -> SendWindow:
        """Return whether a message may go out now, purely from state, policy and `now`."""

    async def send(self, account: Account, out: Outbound, key: str) -> Receipt:
        """Send one bubble. `key` is ours and idempotent where the platform allows.

        Raises: a ChannelError; `Unknown` when it may have gone out.
        """

    async def lookup(self, account: Account, key: str, message_key: str = "") -> Receipt | None:
        """Return what became of a send with unknown outcome, None where it still cannot be known."""

    async def recall(self, account: Account, out: Outbound, message_key: str) -> None:
        """Take a message back. Raises: a ChannelError; NotPermitted where the channel has no recall."""

    async def typing(self, account: Account, conversation_key: str, is_typing: bool) -> None:
        """Show the buyer that somebody writes; does nothing where the channel has no such thing."""

    async def mark_read(self, account: Account, conversation_key: str, message_key: str) -> None:
        """Tell the platform what was read; does nothing where the channel has no such thing."""


@dataclass(frozen=True)
class Page:
    """One page of pulled facts. `cursor` goes into the next call; None: nothing more in this round."""

    facts: tuple[Inbound, ...]
    cursor: str | None = None


@runtime_checkable
class Puller(Protocol):
    """The truth behind the pushes: read again with an overlap, and compare."""

    streams: tuple[str, ...]

    async def pull(self, account: Account, stream: str, since: datetime, cursor: str | None) -> Page:
        """Return what changed since `since` (minus the overlap) in one `stream`, one page at a time."""

    async def fetch(self, account: Account, refs: Mapping[str, Any]) -> Inbound | None:
        """Return the full present state of one thing (`order_id`, `aftersale_id`, `tracking_no` …)."""


@runtime_checkable
class Commenter(Protocol):
    """Public content: comments under a video. Polled; may miss, may repeat."""

    async def list_comments(self, account: Account, item_id: str, cursor: str | None) -> Page:
        """Return one page of comments."""

    async def reply_comment(self, account: Account, item_id: str, comment_id: str, text: str) -> Receipt:
        """Answer a comment in public."""


class Http(Protocol):
    """The only way out to the network; the real one is `kit.egress.Egress`."""

    async def send(self, ask: Ask) -> Reply:
        """Return the answer, whatever its status.

        Raises: egress.NotSent when the other side cannot have acted on it; egress.Unknown when it may have.
        """


@dataclass(frozen=True)
class Token:
    """An access token. `renew_at` is 80 % of its life."""

    access: str
    expires_at: datetime
    issued_at: datetime
    refresh: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def renew_at(self) -> datetime:
        return self.issued_at + (self.expires_at - self.issued_at) * 0.8


class TokenStore(Protocol):
    """Keeps tokens over restarts, encrypted at rest; the shop's account rows implement it."""

    async def load(self, account: Account) -> Token | None:
        """Return the stored token of this account."""

    async def save(self, account: Account, token: Token) -> None:
        """Store a new token."""

    async def begin(self, account: Account, code: str) -> bool:
        """Write down that a one-time code is about to be handed to the platform, before it is.

        True when the same code was begun before and nothing came of it: it may be spent already.
        """

    async def refuse(self, account: Account, reason_zh: str) -> None:
        """Write down that the platform gives no token: a person must authorise again."""


@dataclass(frozen=True)
class StoredFile:
    """A file of ours that is to go out."""

    data: bytes
    media_type: str
    name: str = ""


class Files(Protocol):
    """Our stored files, for platforms that want uploads instead of addresses."""

    async def read(self, account: Account, blob_id: str) -> StoredFile | None:
        """Return a file of this account's shop, None when there is no such file."""


class LiveLink(Protocol):
    """Our own open sockets to visitors or bridges; the app's live hub implements it."""

    async def push(self, account: Account, target: str, frame: Mapping[str, Any]) -> int:
        """Send one JSON frame to every open socket of `target`; return how many took it.

        `target` is a conversation key (widget) or the bridge's account key.
        """
