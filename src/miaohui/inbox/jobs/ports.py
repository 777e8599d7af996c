"""How the inbox reaches outside: channel adapters, channel accounts, stored files."""

from __future__ import annotations

from typing import Any

from miaohui.channels.model import Ingress, Sender
from miaohui.inbox.queries.accounts import AccountBook
from miaohui.kit.blobs import BlobStore
from miaohui.kit.runtime import Runtime

_OFFERS: dict[tuple[type, type], bool] = {}


def book_of(rt: Runtime) -> AccountBook:
    """Return this process's book of channel accounts."""
    if "inbox.accounts" not in rt.ports:
        rt.ports["inbox.accounts"] = AccountBook(rt.ports["vault"], rt.clock)
    return rt.ports["inbox.accounts"]  # type: ignore[no-any-return]


def adapter_of(rt: Runtime, channel: str) -> Any:
    """Return the adapter of a channel, or None."""
    return rt.ports["channels"].get(channel)


def ingress_of(rt: Runtime, channel: str) -> Ingress | None:
    """Return the way in of a channel, or None where it has none."""
    found = adapter_of(rt, channel)
    return found if _offers(found, Ingress) else None


def sender_of(rt: Runtime, channel: str) -> Sender | None:
    """Return the way out of a channel, or None where it has none."""
    found = adapter_of(rt, channel)
    return found if _offers(found, Sender) else None


def _offers(adapter: Any, port: type) -> bool:
    """Tell whether an adapter has a port's methods; looked up once for its class, for a look costs 20 µs."""
    key = type(adapter), port
    if key not in _OFFERS:
        _OFFERS[key] = isinstance(adapter, port)
    return _OFFERS[key]


def blobs_of(rt: Runtime) -> BlobStore:
    """Return the store of files."""
    if "blobs" not in rt.ports:
        rt.ports["blobs"] = BlobStore(rt.data_dir / "blobs", rt.ports["vault"].key)
    return rt.ports["blobs"]  # type: ignore[no-any-return]
