"""The platform's rounds: what counts, how long it took, how many unanswered ones the day still bears. Pure.

A round goes from the first buyer message after the last valid human message to the first valid human
message. A round without an answer counts 600 s, so a forgotten chat costs twenty times a slow one.
Source: domain.md §2.1, §2.6 (the figures are defaults of the policy `round_definition`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from miaohui.shop.model.calendar import Window, local, window


@dataclass(frozen=True, slots=True)
class RoundDefinition:
    """How rounds are measured. Units: seconds. `day_window` is 08:00:00–22:59:59: half-open, to 23:00.

    `anchor`: first_customer_msg or last_customer_msg (the platform does not say, domain.md §2.6).
    `late_reply`: capped at the penalty, or actual (ours: capped, so that answering late never costs more
    than not answering). `window_of`: session_start (official) or round_start.
    """

    anchor: str = "first_customer_msg"
    no_reply_penalty_s: int = 600
    late_reply: str = "capped"
    day_window: Window = Window(8 * 3600, 23 * 3600)
    window_of: str = "session_start"
    target_average_s: int = 45
    robot_reply_ends_round: bool = False
    ignored_kinds: frozenset[str] = frozenset()


def round_definition_of(value: Mapping[str, Any]) -> RoundDefinition:
    """Return the definition of a `round_definition` policy."""
    return RoundDefinition(
        value["anchor"], value["no_reply_penalty_s"], value["late_reply"],
        window(value["window_from"], value["window_to"]), value["window_of"], value["target_average_s"],
        value["robot_reply_ends_round"], frozenset(value["ignored_kinds"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoundFact:
    """One finished round as it counts. `on` is the local day of its anchor; milliseconds.

    `response_ms` None: nobody answered. `excluded` says why it does not count: '' counts,
    `out_of_window`, `late_arrival` (it reached us after a later human answer had been given).
    """

    on: date
    response_ms: int | None
    counted_ms: int
    excluded: str

    @property
    def counts(self) -> bool:
        """Whether the platform's average has this round."""
        return self.excluded == ""


def is_in_window(at: datetime, definition: RoundDefinition) -> bool:
    """Tell whether a session or round that began at `at` counts: 08:00:00–22:59:59 local time."""
    here = local(at)
    second = here.hour * 3600 + here.minute * 60 + here.second
    return definition.day_window.covers_second(second) or definition.day_window.covers_second(
        second, of_day_before=True
    )


def counted_ms(response_ms: int | None, definition: RoundDefinition) -> int:
    """Return what a round adds to the sum: its response, or 600 s when nobody answered."""
    penalty_ms = definition.no_reply_penalty_s * 1000
    if response_ms is None:
        return penalty_ms
    return min(response_ms, penalty_ms) if definition.late_reply == "capped" else response_ms


def round_fact(
    definition: RoundDefinition,
    session_started_at: datetime,
    anchor_at: datetime,
    answered_at: datetime | None,
    last_reply_at: datetime | None,
) -> RoundFact:
    """Return one round as it counts.

    Shape: `answered_at` None: nobody answered; `last_reply_at`: the human answer before this round, if any.
    """  # fmt: skip
    response_ms = None
    if answered_at is not None:
        response_ms = max(0, round((answered_at - anchor_at).total_seconds() * 1000))
    begun_at = session_started_at if definition.window_of == "session_start" else anchor_at
    excluded = "" if is_in_window(begun_at, definition) else "out_of_window"
    if last_reply_at is not None and anchor_at < last_reply_at:
        excluded = "late_arrival"
    return RoundFact(local(anchor_at).date(), response_ms, counted_ms(response_ms, definition), excluded)


@dataclass(frozen=True, slots=True)
class Affordable:
    """How a day stands. Units: seconds, rounds. `average_s` None: no round yet.

    `unanswered_left`: how many rounds may still stay unanswered before the average passes the target;
    negative: by how many the day is over.
    """

    round_count: int
    average_s: float | None
    target_s: int
    unanswered_left: int


def affordable(round_count: int, sum_ms: int, target_s: int, penalty_s: int) -> Affordable:
    """Return how many unanswered rounds a day still bears: the largest x with (S + xP) / (n + x) ≤ T.

    Source: domain.md §2.6.
    """
    room_ms = round_count * target_s * 1000 - sum_ms
    left = room_ms // ((penalty_s - target_s) * 1000)
    average = sum_ms / round_count / 1000 if round_count else None
    return Affordable(round_count, average, target_s, left)


def affordable_ratio(base_s: float, target_s: float, penalty_s: float = 600) -> float:
    """Return what share of all rounds may stay unanswered when the others take `base_s` on average.

    20 s against a target of 45 s bears 4.3 %, against 30 s only 1.7 %. Source: domain.md §2.6.
    """
    if base_s >= target_s:
        return 0.0
    return (target_s - base_s) / (penalty_s - base_s)
