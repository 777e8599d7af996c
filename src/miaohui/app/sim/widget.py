"""The shop's chat window as a simulated visitor's page uses it: session, frames, uploads, event stream."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import zlib
from collections.abc import Mapping
from random import Random
from typing import Any

import httpx

from miaohui.app.sim.catalogue import GOODS
from miaohui.app.sim.client import http_client
from miaohui.app.sim.doors import Buyer
from miaohui.app.sim.visits import Say
from miaohui.kit.waiting import heard

POLL_EVERY_S = 6.0
PAGES = {"live": "live", "video": "live", "product": "product", "order": "order", "chat": "chat"}


class WidgetDoor:
    """One chat window of one shop, for many visitors."""

    def __init__(self, base_url: str, key: str) -> None:
        self.http = http_client(base_url)
        self._base = f"/widget/{key}"

    async def seat(self, buyer: Buyer, rng: Random) -> WidgetSeat:
        """Open a session for a visitor and begin to listen."""
        found = await self.call("POST", "session", json={"name": buyer.name})
        return WidgetSeat(self, buyer, rng, str(found["token"]))

    async def call(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        """Send one request as a visitor; a full window is waited out."""
        headers = {"x-miaohui-visitor": token} if token else {}
        for _ in range(5):
            reply = await self.http.request(method, f"{self._base}/{path}", headers=headers, **options)
            if reply.status_code not in (429, 503):
                break
            await asyncio.sleep(1.5)
        reply.raise_for_status()
        return reply.json() if reply.content else None

    async def hints(self, token: str) -> Any:
        """Yield each hint of the event stream; ends when the stream does."""
        headers = {"x-miaohui-visitor": token}
        async with self.http.stream("GET", f"{self._base}/events", headers=headers, timeout=None) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    yield line[6:]


class WidgetSeat:
    """One visitor's page."""

    def __init__(self, door: WidgetDoor, buyer: Buyer, rng: Random, token: str) -> None:
        self._door, self._buyer, self._rng, self._token = door, buyer, rng, token
        self._number, self._read = 0, 0
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def enter(self, entry: str) -> None:
        good = self._rng.choice(GOODS)
        page: dict[str, Any] = {"kind": PAGES[entry], "title": good.title, "product_id": good.product_id}
        if entry == "order" and self._buyer.order:
            page["order_id"] = str(self._buyer.order["order_id"])
        await self._frame({"type": "enter", "page": page})

    async def say(self, say: Say) -> None:
        if say.kind == "text" and self._rng.random() < 0.5:
            await self._door.call("POST", "typing", self._token, json={"on": True})
        parts = await self._parts(say)
        if not parts:
            return
        message_id = await self._frame({"type": "message", "seq": self._number, "parts": parts})
        if say.recall_after_s is not None:
            await asyncio.sleep(say.recall_after_s)
            await self._frame({"type": "recall", "message_id": message_id})

    async def _parts(self, say: Say) -> list[dict[str, Any]]:
        if say.kind == "order_card":
            return [_order_card(self._buyer.order)] if self._buyer.order else []
        if say.kind == "product_card":
            good = self._rng.choice(GOODS)
            return [{"type": "product_card", "product_id": good.product_id, "title": good.title,
                     "price_fen": good.price_fen}]  # fmt: skip
        text = [{"type": "text", "text": say.text}] if say.text else []
        if say.kind == "image":
            name = f"IMG_{self._rng.randrange(1000, 9999)}.png"
            files = {"file": (name, picture(self._rng), "image/png")}
            stored = await self._door.call("POST", "uploads", self._token, files=files)
            return [stored["part"], *text]
        return text

    async def _frame(self, frame: dict[str, Any]) -> str:
        self._number += 1
        frame_id = f"f{self._number}"
        await self._door.call("POST", "frames", self._token, json={**frame, "id": frame_id})
        return frame_id

    async def next_answer(self) -> None:
        while not await self._has_answer():
            self._news.clear()
            await heard(self._news, POLL_EVERY_S)

    async def _has_answer(self) -> bool:
        """Tell whether the shop has said something that this page has not shown yet; then it is shown and read."""
        page = await self._door.call("GET", "messages", self._token, params={"limit": 20})
        answers = [line["id"] for line in page["items"] if line["role"] != "me"]
        if not answers or max(answers) <= self._read:
            return False
        self._read = max(answers)
        return True

    async def leave(self, rating: int | None) -> None:
        try:
            if rating is not None:
                await self._frame({"type": "rating", "score": rating})
            await self._frame({"type": "leave"})
        finally:
            self._listening.cancel()

    async def _listen(self) -> None:
        """Wake at every hint; the stream is opened again when it breaks."""
        while True:
            with contextlib.suppress(httpx.HTTPError):
                async for _ in self._door.hints(self._token):
                    self._news.set()
            await asyncio.sleep(2.0)


def _order_card(order: Mapping[str, Any]) -> dict[str, Any]:
    items = order.get("sku_order_list") or [{}]
    card = {
        "type": "order_card",
        "order_id": str(order["order_id"]),
        "title": str(items[0].get("product_name", "")),
    }
    return card | {
        "amount_fen": order.get("pay_amount"),
        "status_zh": str(order.get("order_status_desc", "")),
    }


def picture(rng: Random) -> bytes:
    """Return a small PNG: a cloth-like pattern in two colours, different every time."""
    width, height = 120, 160
    one, two = ([rng.randrange(90, 250) for _ in range(3)] for _ in range(2))
    stripe = rng.randrange(3, 14)
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(one if (x // stripe + y // stripe) % 2 else two)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
