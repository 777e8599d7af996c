"""The way out, against real servers on the loopback (R15, F9, F15; ASVS 12.3.2, 13.2.4, 15.3.2)."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import ssl
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from tests.world import NOON

from miaohui.kit.addresses import is_public
from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Ask, Egress, NotSent, Reply, Unknown
from miaohui.kit.errors import Outage, Refusal

Answer = Callable[["Visit"], Awaitable[None]]


class Visit:
    """One request as a local server got it: raw head, body, and the wire to answer on."""

    def __init__(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.head, self.body, self.writer = head.decode(), body, writer

    def header(self, name: str) -> str:
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return ""

    async def answer(self, body: bytes = b"{}", status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode() + body)
        await self.writer.drain()


class Server:
    """A real HTTP server on the loopback that answers as the test says and remembers every visit."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.port = 0


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Any:
    server = Server()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                visit = Visit(head, b"", writer)
                visit.body = await reader.readexactly(int(visit.header("content-length") or 0))
                server.visits.append(visit)
                await answer(visit)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


async def ok(visit: Visit) -> None:
    await visit.answer(b'{"a": 1}')


def post(url: str, **changes: Any) -> Ask:
    return Ask(
        **{"method": "POST", "url": url, "system": "测试", "content": b"hello", "limit_s": 5.0, **changes}
    )


async def exchange(answer: Answer, **changes: Any) -> tuple[Reply, Server]:
    """Send one request to a listed local server."""
    async with serving(answer) as server:
        egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{server.port}"])
        try:
            return await egress.send(post(f"http://127.0.0.1:{server.port}/x", **changes)), server
        finally:
            await egress.close()


def test_a_listed_server_gets_the_request_and_its_answer_comes_back_whole() -> None:
    reply, server = asyncio.run(exchange(ok, headers={"X-Sign": "abc"}))
    assert (reply.status, reply.is_ok, reply.json()) == (200, True, {"a": 1})
    assert server.visits[0].body == b"hello"
    assert server.visits[0].header("x-sign") == "abc"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/x",
        "http://localhost:{port}/x",
        "https://127.0.0.1:{port}/x",
        "https://[::1]:{port}/x",
        "https://2130706433:{port}/x",
        "https://0x7f.1:{port}/x",
        "https://[::ffff:127.0.0.1]:{port}/x",
        "https://0.0.0.0:{port}/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/latest/meta-data/",
        "https://10.0.0.5/x",
        "https://192.168.1.1/x",
        "https://user:secret@127.0.0.1:{port}/x",
        "ftp://127.0.0.1:{port}/x",
        "file:///etc/passwd",
        "https:///x",
        "nonsense",
    ],
)
def test_the_inside_is_not_reachable_in_any_spelling(url: str) -> None:
    async def attempt() -> Server:
        async with serving(ok) as server:
            egress = Egress(ManualClock(NOON))
            with pytest.raises(Refusal) as caught:
                await egress.send(post(url.format(port=server.port)))
            assert caught.value.code == "kit.egress_forbidden"
            await egress.close()
            return server

    assert asyncio.run(attempt()).visits == []


def test_the_allow_list_means_exactly_that_host_and_port() -> None:
    async def attempt() -> tuple[list[Visit], list[Visit]]:
        async with serving(ok) as listed, serving(ok) as other:
            egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{listed.port}"])
            await egress.send(post(f"http://127.0.0.1:{listed.port}/x"))
            for url in (f"https://127.0.0.1:{other.port}/", f"https://localhost:{listed.port}/"):
                with pytest.raises(Refusal):
                    await egress.send(post(url))
            await egress.close()
            return listed.visits, other.visits

    listed, other = asyncio.run(attempt())
    assert (len(listed), len(other)) == (1, 0)


def test_a_name_that_points_inside_is_refused_even_next_to_a_public_address() -> None:
    async def bent(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "127.0.0.1"]

    async def attempt() -> Server:
        async with serving(ok) as server:
            egress = Egress(ManualClock(NOON), resolve=bent)
            with pytest.raises(Refusal):
                await egress.send(post(f"https://shop.example:{server.port}/"))
            await egress.close()
            return server

    assert asyncio.run(attempt()).visits == []


def test_the_checked_address_is_the_one_that_is_called() -> None:
    """A second look-up would give another address; there is none, and the Host header keeps the name."""
    asked: list[str] = []

    async def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.1.2.3"]

    async def attempt() -> Server:
        async with serving(ok) as server:
            egress = Egress(ManualClock(NOON), allow=[f"shop.test:{server.port}"], resolve=once)
            await egress.send(post(f"http://shop.test:{server.port}/"))
            await egress.close()
            return server

    server = asyncio.run(attempt())
    assert asked == ["shop.test"]
    assert server.visits[0].header("host") == f"shop.test:{server.port}"


def test_with_a_list_of_systems_no_other_public_host_is_called() -> None:
    async def attempt() -> None:
        egress = Egress(ManualClock(NOON), only=["openapi-fxg.jinritemai.com"])
        with pytest.raises(Refusal) as caught:
            await egress.send(post("https://example.com/"))
        assert caught.value.detail["reason"] == "not_listed"
        await egress.close()

    asyncio.run(attempt())


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async def away(visit: Visit) -> None:
        await visit.answer(b"", "302 Found", "Location: http://127.0.0.1:1/inside")

    reply, server = asyncio.run(exchange(away))
    assert reply.status == 302
    assert len(server.visits) == 1


def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request() -> None:
    async def with_cookie(visit: Visit) -> None:
        await visit.answer(b"{}", "200 OK", "Set-Cookie: a=1; Path=/")

    async def attempt() -> Server:
        async with serving(with_cookie) as server:
            egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{server.port}"])
            for _ in range(2):
                await egress.send(post(f"http://127.0.0.1:{server.port}/"))
            await egress.close()
            return server

    assert [visit.header("cookie") for visit in asyncio.run(attempt()).visits] == ["", ""]


# ---- not sent, or unknown (F15: no double delivery, nothing lost)


def test_a_refused_connection_was_not_sent() -> None:
    async def attempt() -> None:
        async with serving(ok) as server:
            port = server.port
        egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{port}"])
        with pytest.raises(NotSent) as caught:
            await egress.send(post(f"http://127.0.0.1:{port}/"))
        assert isinstance(caught.value, Outage)
        await egress.close()

    asyncio.run(attempt())


def test_a_name_that_does_not_resolve_was_not_sent() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async def attempt() -> None:
        egress = Egress(ManualClock(NOON), resolve=nowhere)
        with pytest.raises(NotSent):
            await egress.send(post("https://gone.example/"))
        with pytest.raises(Refusal):
            await egress.check("https://gone.example/")
        await egress.close()

    asyncio.run(attempt())


async def _reset(visit: Visit) -> None:
    visit.writer.transport.abort()


async def _never(visit: Visit) -> None:
    await asyncio.sleep(30)


async def _half(visit: Visit) -> None:
    visit.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await visit.writer.drain()
    visit.writer.transport.abort()


async def _drip(visit: Visit) -> None:
    visit.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(10_000):
        visit.writer.write(b"x")
        await visit.writer.drain()
        await asyncio.sleep(0.01)


async def _endless(visit: Visit) -> None:
    visit.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        visit.writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await visit.writer.drain()


async def _garbage(visit: Visit) -> None:
    visit.writer.write(b"\x00\xff\xfe not http at all\r\n\r\n")
    await visit.writer.drain()
    visit.writer.close()


async def _bomb(visit: Visit) -> None:
    await visit.answer(gzip.compress(b"0" * 20_000_000), "200 OK", "Content-Encoding: gzip")


async def _cut_gzip(visit: Visit) -> None:
    await visit.answer(gzip.compress(b"0123456789" * 100)[:-12], "200 OK", "Content-Encoding: gzip")


async def _brotli(visit: Visit) -> None:
    await visit.answer(b"??", "200 OK", "Content-Encoding: br")


@pytest.mark.parametrize(
    "answer",
    [_reset, _never, _half, _drip, _endless, _garbage, _bomb, _cut_gzip, _brotli],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("content", [b"hello", b""], ids=["with_body", "without_body"])
def test_what_fails_after_dispatch_is_unknown(answer: Answer, content: bytes) -> None:
    loop_time: dict[str, float] = {}

    async def attempt() -> None:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unknown) as caught:
            await exchange(answer, content=content, limit_s=0.2, max_bytes=100_000)
        assert caught.value.system == "测试"
        loop_time["s"] = asyncio.get_running_loop().time() - begun

    asyncio.run(attempt())
    assert loop_time["s"] < 2.0


def test_a_tls_handshake_that_hangs_was_not_sent() -> None:
    async def attempt() -> None:
        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(5)

        listener = await asyncio.start_server(mute, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{port}"])
        with pytest.raises(NotSent):
            await egress.send(post(f"https://127.0.0.1:{port}/", limit_s=0.1))
        await egress.close()
        listener.close()

    asyncio.run(attempt())


def test_a_packed_answer_within_the_limit_is_unpacked() -> None:
    async def packed(visit: Visit) -> None:
        assert visit.header("accept-encoding") == "identity"
        await visit.answer(gzip.compress(b'{"n": 5}'), "200 OK", "Content-Encoding: gzip")

    reply, _ = asyncio.run(exchange(packed))
    assert reply.json() == {"n": 5}


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a": ', b"[" * 100_000, b'"\xff\xfe"'])
def test_an_answer_that_is_no_json_is_unknown_and_never_a_crash(body: bytes) -> None:
    with pytest.raises(Unknown):
        Reply(200, {}, body, "测试").json()


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("99999999999999999999", 3600.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2020 12:01:00 GMT", 0.0),
        ("Sun, 22 Nov 9999 12:01:00 GMT", 3600.0),
        ("Sun, 22 Nov 2026 12:01:00", None),
    ],
)
def test_retry_after_is_read_with_care(header: str, pause: float | None) -> None:
    assert Reply(429, {"retry-after": header}, b"", "x").retry_after_s(NOON) == pause


# ---- TLS


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's context and a client's context that trusts exactly this certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment)
        .not_valid_after(moment + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


def test_tls_is_verified_against_the_name_not_the_address(tmp_path: Path) -> None:
    server_side, client_side = _certificate(tmp_path, "shop.test")
    names: list[str | None] = []
    server_side.sni_callback = lambda _socket, name, _context: names.append(name)

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def attempt() -> None:
        async with serving(ok, server_side) as server:
            allow = [f"{host}:{server.port}" for host in ("shop.test", "evil.test")]
            egress = Egress(ManualClock(NOON), allow=allow, resolve=here, tls=client_side)
            assert (await egress.send(post(f"https://shop.test:{server.port}/"))).is_ok
            with pytest.raises(NotSent):
                await egress.send(post(f"https://evil.test:{server.port}/"))
            await egress.close()
            strict = Egress(ManualClock(NOON), allow=allow, resolve=here)
            with pytest.raises(NotSent):
                await strict.send(post(f"https://shop.test:{server.port}/"))
            await strict.close()
            assert len(server.visits) == 1

    asyncio.run(attempt())
    assert names[0] == "shop.test"


# ---- addresses


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("64:ff9b::5db8:d822", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2002:a00:1::1", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("168.63.129.16", False),
        ("100.64.0.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("not an address", False),
    ],
)
def test_public_addresses_are_told_from_the_inside(address: str, public: bool) -> None:
    assert is_public(address) is public


@given(st.ip_addresses(v=4).filter(lambda ip: not ip.is_global))
def test_no_private_ipv4_passes_in_any_wrapping(ip: Any) -> None:
    wrapped = [str(ip), f"::ffff:{ip}", f"64:ff9b::{ip}", f"::{ip}"]
    assert [is_public(address) for address in wrapped] == [False] * 4


@pytest.mark.parametrize("entry", ["localhost", "10.0.0.1:", ":80", "10.0.0.0/8", "a:b"])
def test_an_allow_list_entry_without_a_port_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="exactly host:port"):
        Egress(ManualClock(NOON), allow=[entry])
