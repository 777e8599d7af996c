"""The way out goes only where it may (reliability.md R15; ASVS 12.3.2, 13.2.4, 15.3.2)."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.local_server import Server, Visit, exchange, ok, post, serving
from tests.world import NOON

from miaohui.kit.addresses import is_public
from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Egress, NotSent
from miaohui.kit.errors import Refusal


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


def test_the_address_with_its_secrets_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Platforms carry access tokens in the query (ASVS 14.2.1, 16.2.5)."""

    async def attempt() -> None:
        async with serving(ok) as server:
            egress = Egress(ManualClock(NOON), allow=[f"127.0.0.1:{server.port}"])
            await egress.send(post(f"http://127.0.0.1:{server.port}/x?access_token=geheim"))
            await egress.close()

    with caplog.at_level("INFO"):
        asyncio.run(attempt())
    assert "geheim" not in caplog.text


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
