"""What a search asks for and how well a message answers it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.inbox.model.limits import MAX_NEEDLES, MAX_TOKEN_CHARS
from miaohui.inbox.model.refusals import QUERY_TOO_SHORT
from miaohui.kit.text import folded, is_cjk, search_tokens


@dataclass(frozen=True)
class Query:
    """A search as understood: every needle must occur in the text, every phrase in the index.

    Shape: a phrase is a run of index tokens; its last one may be the beginning of a word (`is_open`).
    """

    needles: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    are_open: tuple[bool, ...]


def shop_tokens(shop_id: int, tokens: list[str]) -> list[str]:
    """Return index tokens with their shop in front: the tenant filter is inside the index."""
    return [f"{shop_id}_{token[:MAX_TOKEN_CHARS]}" for token in tokens]


def query_of(shop_id: int, text: str) -> Query:
    """Return a search text as understood: words apart by blanks must all occur.

    Chinese words of two characters are one index token, longer ones a phrase of adjacent pairs. A single
    Chinese character is only a filter beside other words; the last Latin word may be unfinished.
    Raises: Refusal inbox.query_too_short when nothing can be looked up in the index.
    """
    needles = tuple(needle for word in text.split()[:MAX_NEEDLES] if (needle := folded(word)[:100].strip()))
    phrases: list[tuple[str, ...]] = []
    are_open: list[bool] = []
    for needle in needles:
        tokens = search_tokens(needle)
        if not tokens or (tokens == [needle] and len(needle) == 1):
            continue
        phrases.append(tuple(shop_tokens(shop_id, tokens)))
        are_open.append(not is_cjk(tokens[-1][0]) and len(tokens[-1]) >= 2)
    if not phrases:
        QUERY_TOO_SHORT.refuse(query=text[:100])
    return Query(needles, tuple(phrases), tuple(are_open))


def score(text: str, needles: tuple[str, ...], age_days: float) -> float:
    """Return how well a found message answers a search; 0 when a needle does not occur.

    Exact hits count most, then how often, then how short the text is, then how new. Units: 0–4.
    """
    line = folded(text)
    total = 0.0
    for needle in needles:
        times = line.count(needle)
        if times == 0:
            return 0.0
        total += min(times, 4) / 4 + len(needle) / max(len(line), len(needle))
    exact = 1.0 if line.strip() in needles else 0.0
    return exact + total / len(needles) + 1.0 / (1.0 + age_days / 30.0)
