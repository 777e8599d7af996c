"""Which site a request comes from: cookies travel with every request, so they prove nothing (ASVS 3.5.1–3.5.3)."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from miaohui.access.model import FOREIGN_ORIGIN, AccessPolicy

SAFE_METHODS = frozenset({"GET", "HEAD"})
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def is_safe(conn: HTTPConnection) -> bool:
    """Tell whether the request only reads. A WebSocket does more than that."""
    return conn.scope["type"] == "http" and conn.scope["method"] in SAFE_METHODS


def refuse_foreign(conn: HTTPConnection, policy: AccessPolicy) -> None:
    """Refuse a request that says it comes from another site. Raises: Refusal access.foreign_origin."""
    origin, site = conn.headers.get("origin"), conn.headers.get("sec-fetch-site")
    if origin is not None and not _is_own(origin, conn, policy):
        FOREIGN_ORIGIN.refuse(origin=origin[:200])
    if site is not None and site not in ("same-origin", "none"):
        FOREIGN_ORIGIN.refuse(site=site[:40])


def require_own(conn: HTTPConnection, policy: AccessPolicy) -> None:
    """Require proof that our own page sent the request: Origin, Sec-Fetch-Site, or a header of ours, which
    another site cannot add without being asked about it first.

    Raises: Refusal access.foreign_origin.
    """
    refuse_foreign(conn, policy)
    headers = conn.headers
    if (
        "origin" not in headers
        and headers.get("sec-fetch-site") != "same-origin"
        and not headers.get("x-miaohui-csrf")
    ):
        FOREIGN_ORIGIN.refuse(hint="send the header X-Miaohui-Csrf: 1")


def _is_own(origin: str, conn: HTTPConnection, policy: AccessPolicy) -> bool:
    if origin.lower() in policy.allowed_origins:
        return True
    try:
        there = urlsplit(origin.lower())
        here = urlsplit(f"//{conn.headers.get('host', '').lower()}")
        scheme = "https" if conn.url.scheme in ("https", "wss") else there.scheme
        # Behind a proxy that ends TLS we see http while the browser says https; never the other way round.
        return (
            there.scheme == scheme
            and scheme in ("http", "https")
            and bool(there.hostname)
            and there.hostname == here.hostname
            and (there.port or _PORTS[scheme]) == (here.port or _PORTS[scheme])
        )
    except ValueError:
        return False
