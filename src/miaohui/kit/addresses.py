"""Which places on the network may be called: public addresses, or exactly what the administrator listed.

Source: reliability.md R15 (egress control), ASVS 13.2.4.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from miaohui.kit.errors import RefusalKind

EGRESS_FORBIDDEN = RefusalKind(
    "kit.egress_forbidden",
    422,
    "不允许访问这个地址：只支持公网 HTTPS 地址，内网地址需要管理员加入白名单",
    "Not an address we call: public HTTPS only; private ones need the administrator's allow-list",
)

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_AZURE_HOST = ipaddress.IPv4Address("168.63.129.16")  # a public number, yet the virtual machine's own host

Resolve = Callable[[str, int], Awaitable[list[str]]]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Tell whether `address` is a public one, looking through addresses that carry an IPv4 address inside."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(_is_public(inner) for inner in (ip, *_carried(ip)))


def _is_public(ip: IpAddress) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST and ip not in _NAT64:
        return False
    return ip.is_global and not ip.is_multicast and ip != _AZURE_HOST


def _carried(ip: IpAddress) -> list[IpAddress]:
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found: list[IpAddress | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, in the system's order. Raises: OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Gate:
    """Which places may be called. `allow`: exact `host:port` that may be private and may be plain HTTP;
    `only`: when given, the only other hosts that may be called at all (ASVS 13.2.4)."""

    allow: frozenset[str]
    only: frozenset[str] | None
    resolve: Resolve

    def check_url(self, url: httpx.URL) -> None:
        """Check what can be seen without a look-up: the scheme, no log-in inside, the lists.

        Raises: Refusal kit.egress_forbidden.
        """
        host, port = plain_host(url.host), url.port or (443 if url.scheme == "https" else 80)
        if url.scheme not in ("http", "https") or not host or url.userinfo:
            EGRESS_FORBIDDEN.refuse(reason="url", host=host)
        if self.is_allowed(host, port):
            return
        if url.scheme != "https":
            EGRESS_FORBIDDEN.refuse(reason="not_https", host=host)
        if self.only is not None and host not in self.only:
            EGRESS_FORBIDDEN.refuse(reason="not_listed", host=host)

    def is_allowed(self, host: str, port: int) -> bool:
        """Tell whether exactly this place is on the allow-list."""
        return f"{plain_host(host)}:{port}" in self.allow

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the checked addresses of `host`.

        One forbidden address among several refuses all: that is how names are bent towards the inside.
        Raises: OSError; Refusal kit.egress_forbidden.
        """
        found = await self.resolve(host, port)
        if not self.is_allowed(host, port) and not all(is_public(address) for address in found):
            EGRESS_FORBIDDEN.refuse(reason="address", host=host)
        return found


def plain_host(host: str) -> str:
    """Return a host name as lists hold it: lower case, no final dot, no brackets."""
    return host.lower().rstrip(".").strip("[]")


def allow_entry(entry: str) -> str:
    """Return a listed `host:port` in its plain form. Raises: ValueError."""
    host, _, port = entry.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"an allow-list entry is exactly host:port, not {entry!r}")
    return f"{plain_host(host)}:{int(port)}"
