"""One simulated colleague: logs in, goes online, answers, passes on, closes, takes breaks. Public API only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import structlog

from miaohui.app.sim.answers import Facts, answer, compose_s, facts_from_order
from miaohui.app.sim.catalogue import BY_ID
from miaohui.app.sim.client import Person, Refused
from miaohui.app.sim.demo_file import Seat
from miaohui.app.sim.habits import Chat, break_plan, next_to_answer, pass_on_to, to_close, unanswered_text
from miaohui.kit.randomness import secret_hex
from miaohui.kit.waiting import heard

log = structlog.get_logger()
LOOK_EVERY_S, LOOK_AGAIN_S = 4.0, 0.4
GIVE_UP_AFTER_S, ON_ITS_WAY_S = 120.0, 3.0
NEVER_ARRIVES = timedelta(seconds=90)
MATERIALS = {product_id: good.attributes.get("面料", "") for product_id, good in BY_ID.items()}


class Colleague:
    """Works one seat until cancelled. One answer at a time, as people do. `pace` stretches the time that composing
    takes (tests make it short)."""

    def __init__(
        self, base_url: str, seat: Seat, group_ids: Mapping[str, int], rng: Random, pace: float = 1.0
    ) -> None:
        self.person = Person(base_url, seat.login, seat.password)
        self.seat, self.group_ids, self.rng, self.pace = seat, group_ids, rng, pace
        self.groups = ["live", "pre_sale"] if seat.group == "live" else [seat.group]
        self._news = asyncio.Event()
        self._given_up: dict[int, float] = {}

    async def run(self) -> None:
        """Work; whatever goes wrong with the server is waited out."""
        while True:
            try:
                await self._shift()
            except (httpx.HTTPError, Refused, OSError) as error:
                log.warning("colleague.interrupted", seat=self.seat.login, error=str(error)[:200])
                await asyncio.sleep(self.rng.uniform(1, 4))

    async def _shift(self) -> None:
        await self.person.log_in()
        await self._go("online")
        socket = asyncio.create_task(self.person.follow(lambda event: self._news.set()))
        try:
            await self._work()
        finally:
            socket.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await socket

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        until_break, lasts = break_plan(self.rng)
        break_at = clock() + until_break
        while True:
            is_busy = await self._look()
            if clock() >= break_at and not is_busy:
                await self._take_break(lasts)
                until_break, lasts = break_plan(self.rng)
                break_at = clock() + until_break
            if is_busy:
                continue
            self._news.clear()
            await heard(self._news, LOOK_EVERY_S)
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _go(self, presence: str) -> None:
        await self.person.call("PUT", "/api/presence", {"presence": presence})

    async def _take_break(self, lasts_s: float) -> None:
        """小休: no new chats, the present ones are still answered (domain.md 5.1)."""
        await self._go("on_break")
        ends = asyncio.get_running_loop().time() + lasts_s
        while asyncio.get_running_loop().time() < ends:
            if not await self._look():
                await asyncio.sleep(LOOK_EVERY_S)
        await self._go("online")

    async def _look(self) -> bool:
        """Look at the list once and do the most urgent thing; tell whether there was any."""
        page = await self.person.call("GET", "/api/conversations", box="mine", limit=100)
        chats = [Chat.of(row) for row in page["items"]]
        for conversation_id in to_close(chats, datetime.now(UTC)):
            await self._try("POST", f"/api/conversations/{conversation_id}/closure", {"reason": "agent"})
        chat = next_to_answer(chats, self._avoided())
        if chat is None:
            return False
        await self._answer(chat)
        return True

    def _avoided(self) -> frozenset[int]:
        now = asyncio.get_running_loop().time()
        self._given_up = {chat_id: until for chat_id, until in self._given_up.items() if until > now}
        return frozenset(self._given_up)

    async def _answer(self, chat: Chat) -> None:
        opened = await self.person.call("GET", f"/api/conversations/{chat.id}", limit=30)
        text, answered = unanswered_text(opened["messages"]["items"])
        if not text:  # answered already: the answer is on its way out, or the buyer took their words back
            await self._wait_or_close(chat)
            return
        group = pass_on_to(text, self.groups, answered, self.rng)
        if group is not None and await self._pass_on(chat, group):
            return
        sentences = answer(text, await self._facts(chat, opened), self.rng, is_first=answered == 0)
        await asyncio.sleep(self.pace * compose_s(self.rng, sentences))
        body = {"client_id": f"sim-{secret_hex(12)}", "text": "\n".join(sentences)}
        if not await self._try("POST", f"/api/conversations/{chat.id}/messages", body):
            self._given_up[chat.id] = asyncio.get_running_loop().time() + GIVE_UP_AFTER_S

    async def _wait_or_close(self, chat: Chat) -> None:
        """Leave an answer that is on its way a moment; close a chat whose answer the platform would not take."""
        now = datetime.now(UTC)
        if chat.waiting_since is not None and now - chat.waiting_since > NEVER_ARRIVES:
            await self._try("POST", f"/api/conversations/{chat.id}/closure", {"reason": "agent"})
        self._given_up[chat.id] = asyncio.get_running_loop().time() + ON_ITS_WAY_S

    async def _pass_on(self, chat: Chat, group: str) -> bool:
        await asyncio.sleep(self.pace * self.rng.uniform(2, 6))
        body = {"to_group_id": self.group_ids[group], "note": "请帮忙跟进，谢谢"}
        return await self._try("POST", f"/api/conversations/{chat.id}/transfer", body)

    async def _facts(self, chat: Chat, opened: Mapping[str, Any]) -> Facts:
        """Return what the desk shows of the order the talk is about, or of the buyer's newest."""
        with contextlib.suppress(Refused):
            number = str(opened.get("refs", {}).get("order_id", ""))
            if number:
                found = (await self.person.call("GET", "/api/orders", q=number, limit=1))["items"]
            else:
                found = (await self.person.call("GET", f"/api/buyers/{chat.buyer_id}/orders", limit=1))[
                    "items"
                ]
            if found:
                return facts_from_order(
                    await self.person.call("GET", f"/api/orders/{found[0]['id']}"), MATERIALS
                )
        return Facts()

    async def _try(self, method: str, path: str, body: Any) -> bool:
        """Do something that may be refused (somebody else was faster, the window closed); tell whether it was done."""
        try:
            await self.person.call(method, path, body)
        except Refused as refused:
            if refused.status in (401, 429) or refused.status >= 500:
                raise
            log.info("colleague.refused", seat=self.seat.login, path=path, code=refused.code)
            return False
        return True
