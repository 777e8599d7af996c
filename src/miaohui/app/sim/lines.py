"""What simulated buyers say: real customer lines (JDDC, Apache-2.0) and our own for live rooms and clothes.

See `data/README.md` for where the lines come from and how they were chosen.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

DATA = "miaohui.app.sim.data"
PLAIN = ("greet", "thanks", "bye", "waiting", "angry", "card", "image")
LIVE_TOPICS = ("live_price", "gift", "price_off", "size_advice", "in_stock", "product_info", "price_protect")
PRE_SALE_TOPICS = (
    "size_advice",
    "product_info",
    "in_stock",
    "price_off",
    "ship_when",
    "express_company",
    "gift",
)
ORDER_TOPICS = (
    "ship_urge", "logistics_where", "change_address", "change_sku", "cancel_order", "ship_when", "gift",
    "express_company", "invoice", "price_protect",
)  # fmt: skip
AFTER_SALE_TOPICS = (
    "return_howto", "exchange", "refund_when", "damaged_wrong", "quality", "freight_insurance",
    "signed_not_received", "content_mismatch", "complaint_threat", "rate_cashback",
)  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """`openers` and `follow_ups` by topic; `plain` by situation (greet, thanks, waiting …)."""

    openers: Mapping[str, Sequence[str]]
    follow_ups: Mapping[str, Sequence[str]]
    plain: Mapping[str, Sequence[str]]

    @property
    def topics(self) -> list[str]:
        """What can be talked about, sorted."""
        return sorted(self.openers)


@cache
def load_lines() -> Lines:
    """Return all lines, ours before the others so that a topic that has ours speaks of clothes."""
    openers: dict[str, list[str]] = defaultdict(list)
    follow_ups: dict[str, list[str]] = defaultdict(list)
    plain: dict[str, list[str]] = defaultdict(list)
    folder = resources.files(DATA)
    ours = (folder / "live_lines.tsv").read_text(encoding="utf-8")
    others = gzip.decompress((folder / "buyer_lines.tsv.gz").read_bytes()).decode()
    for row in (ours + others).splitlines():
        name, *rest = row.split("\t")
        if len(rest) == 1:
            plain[name].append(rest[0])
        else:
            (openers if rest[0] == "open" else follow_ups)[name].append(rest[1])
    return Lines(dict(openers), dict(follow_ups), dict(plain))
