"""The built pages: what is kept by browsers, what is sent packed, and that nothing beside them is served."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from miaohui.app import http
from tests.door import Door
from tests.world import World

SCRIPT = b"console.log('hello');" * 100


@pytest.fixture
def pages(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """A door whose built pages are three files."""
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<title>miaohui</title>")
    (web / "assets" / "index-1.js").write_bytes(SCRIPT)
    (web / "assets" / "index-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (web / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("no")
    monkeypatch.setattr(http, "WEB_DIR", web)
    door = Door(world)
    yield door
    door.close()


def get(door: Door, path: str, encoding: str = "gzip") -> httpx.Response:
    """Fetch a path as a browser does."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=door.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers={"accept-encoding": encoding})

    return asyncio.run(ask())


def test_a_script_is_sent_packed_and_kept_for_ever(pages: Door) -> None:
    answer = get(pages, "/assets/index-1.js")
    assert answer.content == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 5
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"] and answer.headers["vary"] == "Accept-Encoding"


def test_who_cannot_unpack_gets_it_plain(pages: Door) -> None:
    answer = get(pages, "/assets/index-1.js", "identity")
    assert answer.content == SCRIPT and "content-encoding" not in answer.headers


def test_the_page_itself_is_asked_for_every_time_and_stands_at_every_address(pages: Door) -> None:
    for path in ("/", "/desk", "/desk/17"):
        answer = get(pages, path)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-cache"
        assert "miaohui" in answer.text
    assert "max-age" in get(pages, "/favicon.svg").headers["cache-control"]


def test_nothing_beside_the_pages_is_served(pages: Door) -> None:
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt"):
        assert get(pages, path).text != "no"
    assert get(pages, "/api/nothing").status_code == 404
