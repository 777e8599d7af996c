"""The talks of the example world: who asks what, who answers when, who is passed on, who is left waiting."""

from __future__ import annotations

import math
import random
from datetime import date

from miaohui.app.example_files import lines
from miaohui.app.example_files.world import (
    AGENTS,
    DAY,
    HOUR,
    HOUR_WEIGHTS,
    INTENTS,
    MINUTE,
    PRE_SALE,
    PRODUCTS,
    Chat,
    Message,
    Truth,
    day_ms,
    is_live,
)


class Talks:
    """Simulates sessions into `chats`; `maybe_order` decides what becomes of a consultation."""

    rng: random.Random
    truth: Truth
    chats: list[Chat]
    back: set[str]
    chat_no: int

    def maybe_order(self, chat: Chat, day: date, hour: int, waits: list[int]) -> None:
        """Let a consultation end in an order, or not."""
        raise NotImplementedError

    def returns(self, day: date) -> None:
        """Some whose question was not settled ask again within three days."""
        share = {"invoice": 0.42, "coupon": 0.2, "ship_urge": 0.22, "refund_when": 0.2}
        earlier = [
            c
            for c in self.chats
            if day_ms(day) - 2 * DAY <= c.messages[0].at < day_ms(day) and c.id not in self.back
        ]
        for chat in earlier:
            if self.rng.random() < share.get(chat.intent, 0.055) / 2:
                self.back.add(chat.id)
                hour = self.rng.choices(range(24), HOUR_WEIGHTS)[0]
                self.talk(day, hour, day_ms(day) + hour * HOUR + self.rng.randrange(HOUR), chat)
                self.back.add(self.chats[-1].id)

    def talk(self, day: date, hour: int, start: int, again: Chat | None = None) -> None:
        """Simulate one session; `again`: the same buyer about the same thing."""
        rng, truth = self.rng, self.truth
        live = is_live(day, hour)
        product = rng.choice(PRODUCTS)
        intent = (
            "freight_fee"
            if rng.random() < truth.freight_share
            else rng.choices(*zip(*INTENTS, strict=True))[0]
        )
        if live and rng.random() < 0.35:
            intent = "live_price"
        self.chat_no += rng.randrange(1, 4)
        entry = (
            "直播" if live and rng.random() < 0.7 else rng.choice(("商品详情页", "订单详情页", "消息私信"))
        )
        buyer = again.buyer if again else f"u{rng.randrange(10**9):09d}"
        if again:
            product, intent = again.product, again.intent
        chat = Chat(f"7{self.chat_no}{start % 100000:05d}", buyer, product, intent, entry)
        staff = [name for name, (a, b) in AGENTS.items() if a <= hour < b]
        if not staff:
            staff = ["安安"] if rng.random() < 0.5 else []
        at = start
        if rng.random() < 0.12:
            chat.messages.append(Message(at, "系统", "", "[商品]"))
        waits = self._rounds(chat, staff, at, hour, live)
        self._close(chat, staff)
        self.chats.append(chat)
        if intent in PRE_SALE and chat.agents:
            self.maybe_order(chat, day, hour, waits)

    def _wait_ms(self, agent: str, hour: int, live: bool) -> int:
        base = 15.0 * (1.7 if agent == self.truth.slow_one else 1.0)
        base *= 1.55 if live else 1.25 if 12 <= hour < 14 else 1.0
        return int(min(900.0, self.rng.lognormvariate(math.log(base), 0.75)) * 1000)

    def _miss(self, at: int, hour: int) -> float:
        minute = (at + 8 * HOUR) % HOUR // MINUTE
        if hour >= 23 or (hour == 22 and minute >= 30):
            return self.truth.closing_hour_miss
        return self.truth.lunch_miss if hour in (12, 13) else self.truth.miss

    def _rounds(self, chat: Chat, staff: list[str], at: int, hour: int, live: bool) -> list[int]:
        rng = self.rng
        agent = rng.choice(staff) if staff else ""
        at = self._opening(chat, agent, at)
        if not agent:
            return []
        waits: list[int] = []
        for number in range(1 + min(6, int(rng.expovariate(1 / 2.3)))):
            at = self._ask(chat, at, again=number > 0)
            if rng.random() < self._miss(at, hour):
                break
            agent, at = self._transfer(chat, agent, staff, at)
            waits.append(self._wait_ms(agent, hour, live))
            at = self._reply(chat, agent, at, waits[-1])
        return waits

    def _opening(self, chat: Chat, agent: str, at: int) -> int:
        """Say the first words; a third of the talks begin with the robot and ask for a person."""
        said = lines.BUYER[chat.intent]
        chat.messages.append(Message(at, "买家", "", self.rng.choice(said)))
        if self.rng.random() < 0.35:
            chat.messages.append(Message(at + 400, "机器人", "", lines.WELCOME))
            at += self.rng.randrange(4_000, 20_000)
            chat.messages.append(Message(at, "买家", "", self.rng.choice(("人工", *said))))
            if agent:
                chat.messages.append(Message(at + 800, "系统", "", f"客服{agent}接入"))
        return at

    def _ask(self, chat: Chat, at: int, again: bool) -> int:
        """Ask on, and in a quarter of the rounds ask once more before the answer."""
        if again:
            at += self.rng.randrange(12_000, 75_000)
            chat.messages.append(Message(at, "买家", "", self.rng.choice(lines.FOLLOW)))
        if self.rng.random() < 0.25:
            at += self.rng.randrange(2_000, 9_000)
            chat.messages.append(
                Message(at, "买家", "", self.rng.choice(("？", "在吗", self.rng.choice(lines.FOLLOW))))
            )
        return at

    def _reply(self, chat: Chat, agent: str, at: int, wait: int) -> int:
        """Answer after the wait, sometimes with an empty word before."""
        if self.rng.random() < self.truth.perfunctory:
            chat.messages.append(Message(at + wait // 2, "客服", agent, self.rng.choice(lines.EMPTY_REPLY)))
        words = lines.REPLY.get(chat.intent, lines.ANY_REPLY) + lines.ANY_REPLY[:3]
        chat.messages.append(Message(at + wait, "客服", agent, self.rng.choice(words)))
        chat.agents = list(dict.fromkeys([*chat.agents, agent]))
        return at + wait

    def _transfer(self, chat: Chat, agent: str, staff: list[str], at: int) -> tuple[str, int]:
        share = self.truth.transfer_of_one if agent == self.truth.one else self.truth.transfer
        others = [name for name in staff if name != agent]
        if not others or self.rng.random() >= share / 2.2:
            return agent, at
        target = self.rng.choice(others)
        at += self.rng.randrange(2_000, 8_000)
        chat.messages.append(Message(at, "系统", "", f"会话已转接给{target}"))
        chat.agents = list(dict.fromkeys([*chat.agents, agent]))
        return target, at

    def _close(self, chat: Chat, staff: list[str]) -> None:
        rng, at = self.rng, chat.messages[-1].at
        if chat.agents and rng.random() < 0.34:
            at += rng.randrange(5_000, 40_000)
            chat.messages.append(Message(at, "买家", "", rng.choice(lines.CLOSING)))
            if rng.random() >= self.truth.closing_unanswered:
                at += self._wait_ms(chat.agents[-1], 10, False)
                chat.messages.append(Message(at, "客服", chat.agents[-1], "有问题随时找我哦 😊"))
        chat.messages.append(Message(at + 11 * MINUTE, "系统", "", "用户超时未回复，系统关闭会话"))
        if chat.agents and rng.random() < 0.16:
            unhappy = 0.35 if chat.intent in ("quality", "content_mismatch", "complaint_threat") else 0.035
            chat.rating = rng.choice((1, 2, 3)) if rng.random() < unhappy else rng.choice((4, 5, 5, 5))
