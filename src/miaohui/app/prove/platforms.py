"""Both simulated platforms as programs of their own, and the story that is played on them (F7)."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from miaohui.app.prove.truth import AFTERSALE_LIVES, ORDER_LIVES, Aftersale, Message, Order, Truth
from miaohui.kit.randomness import Rng

TEXTS = (
    "这款能便宜吗", "今天能发货吗", "到哪了", "我要退款", "穿什么码", "有运费险吗", "怎么还不发",
)  # fmt: skip
TITLES = ("轻薄羽绒服女冬季短款", "加绒加厚卫衣男", "云感保湿面霜 50g", "家用空气炸锅 5L")
REASONS = ("质量问题", "尺码不合适", "七天无理由", "少件漏发")


class Remote:
    """A simulator's control API over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def do(self, path: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call `/sim/<path>`; return its answer. Raises: RuntimeError when the simulator did not like it."""
        body = None if given is None else json.dumps(given, ensure_ascii=False).encode()
        self._connection.request("GET" if body is None else "POST", f"/sim/{path}", body)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"/sim/{path}: {answer.status} {text[:300]!r}")
        return json.loads(text)  # type: ignore[no-any-return]


class Platforms:
    """What buyers and the platforms do. Every act is written into `truth` as soon as the platform answered."""

    def __init__(self, doudian: Remote, douyin: Remote, rng: Rng, buyers: int) -> None:
        self.doudian, self.douyin, self.rng = doudian, douyin, rng
        self.buyers = [f"open-{n:04d}" for n in range(buyers)]
        self.truth = Truth()
        self._said = 0
        self._offset_ms = 0

    # ---- time

    def move_clocks(self, seconds: float) -> None:
        """Move both platforms' clocks."""
        self._offset_ms += int(seconds * 1000)
        for remote in (self.doudian, self.douyin):
            remote.do("clock", {"advance_s": int(seconds * 1000) / 1000})

    def put_clocks_right(self) -> None:
        """Bring both platforms' clocks back to the machine's."""
        self.move_clocks(-self._offset_ms / 1000)

    def _is_ripe(self, history: list[tuple[str, int]]) -> bool:
        """Platforms' times are whole seconds: two steps of one thing in one second would have no order."""
        now_s = (time.time_ns() // 1_000_000 + self._offset_ms) // 1000
        return history[-1][1] // 1000 < now_s

    # ---- acts

    def act(self) -> None:
        """Do one thing of business: open or move an order or an after-sale."""
        dice = self.rng.random()
        moving = [o for o in self._sample(self.truth.orders) if o.next_step and self._is_ripe(o.history)]
        claims = [a for a in self._sample(self.truth.aftersales) if a.next_step and self._is_ripe(a.history)]
        paid = [o for o in self._sample(self.truth.orders) if len(o.history) > 1 and not o.cancel_reason]
        if moving and dice < 0.4:
            self.advance_order(moving[0])
        elif claims and dice < 0.6:
            self.advance_aftersale(claims[0])
        elif paid and dice < 0.7:
            self.open_aftersale(paid[0])
        else:
            self.open_order()

    def _sample(self, things: dict[str, Any]) -> list[Any]:
        values = list(things.values())
        return [self.rng.choice(values) for _ in range(min(8, len(values)))]

    def open_order(self) -> None:
        """A buyer orders."""
        rng = self.rng
        given = {
            "open_id": rng.choice(self.buyers), "amount_fen": rng.randint(100, 99_900),
            "count": rng.randint(1, 5), "title": rng.choice(TITLES), "spec": rng.choice(("黑色", "米白")),
            "buyer_words": rng.choice(("", "请尽快发货", "送礼，不要小票")), "ship_within_s": 172_800,
            "author_id": rng.choice((0, 10_000_001)), "author_name": "", "room_id": rng.choice((0, 73_001)),
            "video_id": rng.choice(("", "v-1")), "mask_receiver": rng.choice(("赵*", "李**")),
            "mask_tel": "138****0001",
        }  # fmt: skip
        given["author_name"] = "小秒直播间" if given["author_id"] else ""
        order = Order(given, self.doudian.do("orders", given), rng.choice(ORDER_LIVES))
        order.history.append(("created", order.made["create_time"] * 1000))
        self.truth.orders[order.id] = order

    def advance_order(self, order: Order) -> None:
        """An order goes on."""
        step = order.next_step or ""
        given = {"reason": "不想要了"} if step == "cancelled" else {}
        order.note(step, self.doudian.do(f"orders/{order.id}/{step}", given))

    def open_aftersale(self, order: Order) -> None:
        """A buyer asks for a refund, a return or an exchange."""
        given = {
            "order_id": order.id, "type": self.rng.choice((0, 1, 2, 3)), "deadline_s": 172_800,
            "refund_fen": self.rng.randint(1, order.asked["amount_fen"]), "reason": self.rng.choice(REASONS),
        }  # fmt: skip
        aftersale = Aftersale(given, self.doudian.do("aftersales", given), self.rng.choice(AFTERSALE_LIVES))
        aftersale.history.append(("created", aftersale.made["aftersale_info"]["apply_time"] * 1000))
        self.truth.aftersales[aftersale.id] = aftersale

    def advance_aftersale(self, aftersale: Aftersale) -> None:
        """An after-sale goes on."""
        step = aftersale.next_step or ""
        aftersale.note(step, self.doudian.do(f"aftersales/{aftersale.id}/{step}", {}))

    def say(self, count: int = 1) -> None:
        """Buyers write `count` messages."""
        given = []
        for _ in range(count):
            self._said += 1
            buyer = self.rng.choice(self.buyers)
            text = f"{self.rng.choice(TEXTS)} {self._said}"
            given.append({"buyer": buyer, "nick_name": f"买家{buyer}", "text": text})
        for one, made in zip(given, self.douyin.do("messages", {"items": given})["items"], strict=True):
            message = Message(
                made["server_message_id"], one["buyer"], one["nick_name"], one["text"], made["create_time"]
            )  # fmt: skip
            self.truth.messages[message.id] = message

    def take_back(self) -> None:
        """A buyer takes a message back."""
        kept = [m for m in list(self.truth.messages.values())[-200:] if m.recalled_ms is None]
        if kept:
            message = self.rng.choice(kept)
            given = {"buyer": message.buyer, "server_message_id": message.id}
            message.recalled_ms = self.douyin.do("recall", given)["create_time"]

    # ---- pushes

    def misbehave(self, doudian: dict[str, Any], douyin: dict[str, Any], **policy: Any) -> None:
        """Set how both platforms push."""
        self.doudian.do("push", {"manners": doudian, **policy})
        self.douyin.do("push", {"manners": douyin, **policy})

    def fail(self, remote: Remote, path: str, *modes: str) -> None:
        """Make a platform's API fail in these ways, once each, at calls whose path contains `path`."""
        for mode in modes:
            remote.do("faults", {"mode": mode, "count": 1, "path": path, "delay_s": 0.3})

    def pushed(self, remote: Remote, since: int = 999_999_999) -> dict[str, Any]:
        """Return what a platform pushed from number `since` on, and its counts."""
        return remote.do(f"pushes?since={since}")

    def open_pushes(self) -> int:
        """Return how many pushes are under way."""
        return sum(int(self.pushed(remote)["open"]) for remote in (self.doudian, self.douyin))
