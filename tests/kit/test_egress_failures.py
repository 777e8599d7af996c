"""What fails on the way out: not sent, or unknown (reliability.md F9, F15)."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from tests.kit.local_server import Answer, Visit, exchange, ok, post, serving
from tests.world import NOON

from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Egress, NotSent, Reply, Unknown
from miaohui.kit.errors import Outage, Refusal

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
    limit_s = 0.4 if answer in (_never, _drip) else 10.0  # the others end by themselves

    async def attempt() -> None:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unknown) as caught:
            await exchange(answer, content=content, limit_s=limit_s, max_bytes=100_000)
        assert caught.value.system == "测试"
        loop_time["s"] = asyncio.get_running_loop().time() - begun

    asyncio.run(attempt())
    assert loop_time["s"] < 15, "far from the 30 s that the other side would take"


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
