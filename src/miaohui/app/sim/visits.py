"""One buyer's visit: what they say, when they get impatient, how they leave. No I/O, no clock.

Sources: domain.md 5.3 (about eight rounds in long talks, a thinking time of 45 s on average), 5.7 (what is asked),
§5.1 (waiting labels: patience is of that order).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from miaohui.app.sim.lines import (
    AFTER_SALE_TOPICS,
    LIVE_TOPICS,
    ORDER_TOPICS,
    PRE_SALE_TOPICS,
    Lines,
)

THINK_MEAN_S, THINK_MIN_S, THINK_MAX_S = 45.0, 4.0, 150.0
ROUNDS_MEAN = 4.0
SECONDS_PER_CHAR = 0.35
PATIENCE_MEDIAN_S = 75.0
IMAGE_TOPICS = {"damaged_wrong", "quality", "content_mismatch", "live_price", "size_advice"}
ORDER_CARD_TOPICS = {*ORDER_TOPICS, *AFTER_SALE_TOPICS} - {"complaint_threat"}


class Moment(StrEnum):
    """Where in its life the buyer's purchase is; it decides what there is to ask."""

    LIVE = "live"
    PRE_SALE = "pre_sale"
    ORDER = "order"
    AFTER_SALE = "after_sale"


TOPICS = {
    Moment.LIVE: LIVE_TOPICS, Moment.PRE_SALE: PRE_SALE_TOPICS, Moment.ORDER: ORDER_TOPICS,
    Moment.AFTER_SALE: AFTER_SALE_TOPICS,
}  # fmt: skip
# domain.md 5.7: logistics 25–30 %, returns 20–25 %, sizes and product the rest; live hours up to 40 % offers.
USUAL = ((Moment.PRE_SALE, 0.42), (Moment.ORDER, 0.33), (Moment.AFTER_SALE, 0.25))
DURING_LIVE = ((Moment.LIVE, 0.45), (Moment.PRE_SALE, 0.25), (Moment.ORDER, 0.18), (Moment.AFTER_SALE, 0.12))


@dataclass(frozen=True)
class Say:
    """One thing a buyer sends. `after_s`: how long after what came before; `kind`: text, image, product_card,
    order_card. `recall_after_s`: taken back so long after it was sent, None for never."""

    text: str
    after_s: float
    kind: str = "text"
    recall_after_s: float | None = None


@dataclass
class Visit:
    """A buyer's visit, driven from outside: `opening`, then `answered` and `waited` until `is_over`."""

    topic: str
    moment: Moment
    lines: Lines
    rng: Random
    rounds_left: int
    patience_s: float
    is_over: bool = False
    complaints: int = 0
    rating: int | None = None
    said: set[str] = field(default_factory=set)

    def opening(self) -> list[Say]:
        """Return what the buyer begins with: a greeting or a card sometimes, then the question."""
        found: list[Say] = []
        if self.moment in (Moment.ORDER, Moment.AFTER_SALE) and self._chance(0.35) and self._may_show_order():
            found.append(Say("", 1.0, "order_card"))
        elif self.moment in (Moment.PRE_SALE, Moment.LIVE) and self._chance(0.3):
            found.append(Say("", 1.0, "product_card"))
        if self._chance(0.3):
            found.append(self._typed(self._plain("greet")))
        question = self._pick(self.lines.openers[self.topic])
        if self._chance(0.03):
            slip = question[: max(2, len(question) // 2)]
            found.append(Say(slip, _typing_s(slip), recall_after_s=3.0))
        found.append(self._typed(question))
        if self.topic in IMAGE_TOPICS and self._chance(0.3):
            found.append(Say(self._plain("image"), 3.0, "image"))
        return found

    def answered(self) -> list[Say]:
        """Return what the buyer says to an answer; empty when they leave without a word."""
        self.rounds_left -= 1
        self.complaints = 0
        think = min(THINK_MAX_S, max(THINK_MIN_S, self.rng.expovariate(1 / THINK_MEAN_S)))
        if self.rounds_left <= 0:
            self.is_over = True
            self.rating = self._score()
            return [self._typed(self._plain("thanks"), think)] if self._chance(0.6) else []
        if self.topic in IMAGE_TOPICS and self._chance(0.12):
            return [Say(self._plain("image"), think, "image")]
        if self._chance(0.15):
            self.topic = self._pick(TOPICS[self.moment])
            return [self._typed(self._pick(self.lines.openers[self.topic]), think)]
        return [self._typed(self._pick(self.lines.follow_ups[self.topic]), think)]

    def waits_until(self) -> float:
        """Return how long after their last word the buyer next loses patience."""
        return self.patience_s * (1 + self.complaints * 0.8)

    def waited(self) -> Say | None:
        """Return what an impatient buyer says; None when they give up and leave."""
        self.complaints += 1
        if self.complaints > 3:
            self.is_over = True
            self.rating = 1 if self._chance(0.5) else None
            return None
        return Say(self._plain("waiting" if self.complaints < 3 else "angry"), 0.0)

    def _score(self) -> int | None:
        """Return stars, seldom (one in four), mostly good ones."""
        return self.rng.choices((5, 4, 3, 2, 1), (70, 15, 6, 4, 5))[0] if self._chance(0.25) else None

    def _may_show_order(self) -> bool:
        return self.topic in ORDER_CARD_TOPICS

    def _typed(self, text: str, after_s: float = 0.0) -> Say:
        return Say(text, after_s + _typing_s(text))

    def _plain(self, name: str) -> str:
        return self.rng.choice(self.lines.plain[name])

    def _pick(self, texts: Sequence[str]) -> str:
        """Return a line that was not said in this visit, as long as there is one."""
        fresh = [text for text in texts if text not in self.said] or list(texts)
        text = self.rng.choice(fresh)
        self.said.add(text)
        return text

    def _chance(self, probability: float) -> bool:
        return self.rng.random() < probability


def new_visit(lines: Lines, rng: Random, *, is_live: bool, has_order: bool) -> Visit:
    """Return a visit with a topic that fits the moment; buyers without an order ask before they buy."""
    moments = DURING_LIVE if is_live else USUAL
    allowed = [(m, w) for m, w in moments if has_order or m in (Moment.LIVE, Moment.PRE_SALE)]
    moment = rng.choices([m for m, _ in allowed], [w for _, w in allowed])[0]
    return Visit(
        topic=rng.choice(TOPICS[moment]),
        moment=moment,
        lines=lines,
        rng=rng,
        rounds_left=1 + min(12, int(rng.expovariate(1 / (ROUNDS_MEAN - 1)))),
        patience_s=min(400.0, max(25.0, rng.lognormvariate(0.0, 0.5) * PATIENCE_MEDIAN_S)),
    )


def _typing_s(text: str) -> float:
    return 1.0 + SECONDS_PER_CHAR * len(text)


SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方"
NICKNAMES = (
    "爱吃桃子的{}", "{}小鱼", "今天也要早睡", "{}妈", "momo", "一只小{}", "云朵工厂", "阿{}", "不加香菜", "{}同学",
    "夏天的风", "{}{}爱生活", "快乐星球", "老{}家的", "半糖去冰", "{}记", "南方没有雪", "是{}呀", "用户{}", "甜甜圈",
    "追风的{}", "小{}不是小明", "早起的鸟", "{}姐", "橘子汽水", "{}哥爱钓鱼", "Lucky{}", "山茶花开",
    "{}不想上班", "春日迟迟",
)  # fmt: skip


def nickname(rng: Random) -> str:
    """Return a buyer's display name as platforms show it."""
    pattern = rng.choice(NICKNAMES)
    if pattern == "用户{}":
        return f"用户{rng.randrange(1000, 9999)}****"
    return pattern.replace("{}", rng.choice(SURNAMES))
