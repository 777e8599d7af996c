"""The only way out: one HTTP client that checks where it really connects to (reliability.md R15, F9, F15).

A name is resolved here, every address is checked, and the connection goes to the checked address: a name that
resolves differently a moment later changes nothing. TLS is verified against the name. Redirects, cookies,
proxies of the environment and compressed surprises are off. A failure says whether the request can have
reached the other side: `NotSent` may be tried again blindly, `Unknown` must be looked up first.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import zlib
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx
import msgspec

from miaohui.kit.addresses import EGRESS_FORBIDDEN, Gate, Resolve, allow_entry, plain_host, resolved
from miaohui.kit.clock import Clock
from miaohui.kit.errors import Outage

# httpx logs every address at INFO, and some platforms carry their access token in the address.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)
USER_AGENT = "miaohui/0.1"
MAX_RETRY_AFTER_S = 3_600.0


class NotSent(Outage):
    """It failed before the request was out: the other side cannot have acted on it; trying again is safe."""


class Unknown(Outage):
    """The request went out and no usable answer came back: the other side may have acted on it."""


class TooLong(Unknown):
    """The answer is longer than was asked for; it will be the next time too."""


@dataclass(frozen=True)
class Ask:
    """One outgoing request. `system` names the other side in errors.

    Units: `limit_s` seconds for everything together (look-up, connection, answer); `max_bytes` of the answer,
    unpacked.
    """

    method: str
    url: str
    system: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    limit_s: float = 10.0
    max_bytes: int = 1_000_000


@dataclass(frozen=True)
class Reply:
    """A complete answer, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    system: str

    @property
    def is_ok(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    def text(self) -> str:
        """Return the body as text; bytes that are not UTF-8 become U+FFFD."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the decoded body. Raises: Unknown when it is no JSON (an error page, cut off, too deep)."""
        try:
            return msgspec.json.decode(self.content)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Unknown(self.system, reason=f"HTTP {self.status} without JSON: {error}") from error

    def retry_after_s(self, now: datetime) -> float | None:
        """Return the pause that the other side asks for: 0 to 3600 seconds, None where it does not say."""
        text = self.headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.isascii() and text.isdecimal():
            return min(float(text[:9]), MAX_RETRY_AFTER_S)
        try:
            ahead = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
        return min(max(ahead, 0.0), MAX_RETRY_AFTER_S)


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only; TLS above it still names the host that was asked for."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        try:
            addresses = await self._gate.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"cannot resolve {host}: {error}") from error
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.UnsupportedProtocol("no unix sockets")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Egress:
    """The client; one per process, shared by every room through `rt.ports["egress"]`.

    `allow` as in `Gate`; `tls` replaces the system's trust (a private certificate authority).
    """

    def __init__(
        self, clock: Clock, *, allow: Collection[str] = (), only: Collection[str] | None = None,
        resolve: Resolve = resolved, tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        wanted = frozenset(allow_entry(entry) for entry in allow)
        self.gate = Gate(wanted, None if only is None else frozenset(map(plain_host, only)), resolve)
        self.clock = clock
        context = tls or ssl.create_default_context()
        transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
        # httpx has no public way to pass a network backend; httpcore, below it, has.
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=5.0,
            network_backend=_CheckedBackend(self.gate),
        )
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def check(self, url: str) -> None:
        """Check an address that somebody wants to store, without calling it.

        Raises: Refusal kit.egress_forbidden, also for a name that does not resolve.
        """
        parsed = _parsed(url)
        self.gate.check_url(parsed)
        try:
            await self.gate.addresses(parsed.host, parsed.port or 443)
        except OSError:
            EGRESS_FORBIDDEN.refuse(reason="does_not_resolve", host=parsed.host)

    async def send(self, ask: Ask) -> Reply:
        """Send one request and return the answer, whatever its status.

        Raises: NotSent or Unknown (both are an Outage); Refusal kit.egress_forbidden, also never sent.
        """
        url = _parsed(ask.url)
        self.gate.check_url(url)
        trace = _Dispatch(bool(ask.content))
        request = self._client.build_request(
            ask.method, url, headers=dict(ask.headers), content=ask.content or None,
            timeout=ask.limit_s, extensions={"trace": trace.note},
        )  # fmt: skip
        try:
            async with asyncio.timeout(ask.limit_s):
                response = await self._client.send(request, stream=True, follow_redirects=False)
                try:
                    content = await _read(response, ask)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise trace.failure(ask.system, f"no answer within {ask.limit_s:g} s") from error
        except (httpx.HTTPError, OSError) as error:
            raise trace.failure(ask.system, str(error) or type(error).__name__) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, content, ask.system)


class _Dispatch:
    """Watches how far a request got. Without its body the other side cannot act on it, so the line is where
    the body starts to go out (the head, where there is no body)."""

    def __init__(self, has_body: bool) -> None:
        self._line = ".send_request_body.started" if has_body else ".send_request_headers.started"
        self.is_out = False

    async def note(self, event: str, _info: Any) -> None:
        if event.endswith(self._line):
            self.is_out = True

    def failure(self, system: str, reason: str) -> Outage:
        return (Unknown if self.is_out else NotSent)(system, reason=reason)


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        EGRESS_FORBIDDEN.refuse(reason="url", host="")


async def _read(response: httpx.Response, ask: Ask) -> bytes:
    unpacked = bytearray()
    async for piece in _pieces(response, ask):
        unpacked += piece
        if len(unpacked) > ask.max_bytes:
            raise TooLong(ask.system, reason=f"HTTP {response.status_code} longer than {ask.max_bytes} bytes")
    return bytes(unpacked)


async def _pieces(response: httpx.Response, ask: Ask) -> AsyncIterator[bytes]:
    """Yield the body, unpacked at most one byte over the limit: a packed bomb never unfolds."""
    coding = response.headers.get("content-encoding", "identity").lower()
    if coding == "identity":
        async for raw in response.aiter_raw():
            yield raw
        return
    if coding not in ("gzip", "deflate"):
        raise Unknown(ask.system, reason=f"HTTP {response.status_code} in unasked coding {coding!r}")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        async for raw in response.aiter_raw():
            yield unpacker.decompress(raw, ask.max_bytes + 1)
        if not unpacker.eof:
            raise Unknown(ask.system, reason=f"HTTP {response.status_code} with a {coding} body cut off")
    except zlib.error as error:
        raise Unknown(
            ask.system, reason=f"HTTP {response.status_code} with a broken {coding} body"
        ) from error
