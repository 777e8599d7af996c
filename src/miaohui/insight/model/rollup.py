"""Hourly roll-ups: sums and histograms that merge by adding, so any span, shard or order gives the same figures.

Source: stack.md §4 (facts at ingest, mergeable hourly rows, exactly equal to a recompute).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from miaohui.insight.model.rounds import Turn

HOUR_MS = 3_600_000
# Upper edges in seconds, roughly geometric, through every target and threshold of spec §1.3, §2.3 and domain.md §2.
EDGES_S = (5, 10, 15, 20, 25, 30, 40, 45, 60, 75, 90, 100, 120, 150, 180, 240, 300, 450, 600)
EDGES_MS = tuple(edge * 1000 for edge in EDGES_S)
BUCKETS = tuple(f"h{i}" for i in range(len(EDGES_S) + 1))
MEASURES = (
    "sessions_n", "turns_n", "missed_n", "sum_ms", "answered_sum_ms", "sum_sq_cs", "asks_n", "asks_3m_n", "first_n",
    "first_sum_ms", "first_3m_n", "first_30s_n", *BUCKETS,
)  # fmt: skip
AT = {name: i for i, name in enumerate(MEASURES)}
WIDTH = len(MEASURES)
Cell = tuple[str, str, int, int]
# session_id, seq, platform, agent, anchor_ms, answered_ms, response_ms, asks_n, asks_3m_n, first, closing, scoped,
# started_ms: a round as it is stored; `first`, `closing` and `scoped` are 0 or 1.
TurnFact = tuple[str, int, str, str, int, int | None, int, int, int, int, int, int, int]
TURN_FIELDS = (
    "session_id", "seq", "platform", "agent", "anchor_ms", "answered_ms", "response_ms", "asks_n", "asks_3m_n", "first",
    "closing", "scoped", "started_ms",
)  # fmt: skip
_FIRST_BUCKET = AT["h0"]
THREE_MINUTES_MS = 180_000


def turn_fact(session_id: str, platform: str, scoped: int, started_ms: int, turn: Turn) -> TurnFact:
    """Return a round as it is stored."""
    answered = turn.answered_ms
    within = 0 if answered is None else sum(1 for ask in turn.asks if answered - ask <= THREE_MINUTES_MS)
    return (
        session_id, turn.seq, platform, turn.agent, turn.anchor_ms, answered, turn.response_ms, len(turn.asks), within,
        int(turn.is_first), int(turn.is_closing), scoped, started_ms,
    )  # fmt: skip


def hour_of(at_ms: int) -> int:
    """Return the start of the hour. Local hours and UTC hours begin together in China."""
    return at_ms - at_ms % HOUR_MS


class Rollup:
    """Cells (platform, agent, hour, scoped) → sums. `add` takes a sign, so a change is minus old plus new."""

    def __init__(self) -> None:
        self.cells: dict[Cell, list[int]] = {}

    def _cell(self, key: Cell) -> list[int]:
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = [0] * WIDTH
        return cell

    def add_turn(self, turn: TurnFact, sign: int = 1) -> None:
        """Add (or take away) one round."""
        (_, _, platform, agent, anchor, answered, response, asks_n, asks_3m_n, first, _, scoped, _) = turn
        cell = self._cell((platform, agent, anchor - anchor % HOUR_MS, scoped))
        cell[1] += sign
        cell[3] += sign * response
        cs = response // 10
        cell[5] += sign * cs * cs
        cell[6] += sign * asks_n
        if answered is None:
            cell[2] += sign
        else:
            cell[4] += sign * response
            cell[7] += sign * asks_3m_n
            cell[_FIRST_BUCKET + bisect_left(EDGES_MS, response)] += sign
        if first:
            cell[8] += sign
            cell[9] += sign * response
            if answered is not None and response <= THREE_MINUTES_MS:
                cell[10] += sign
                cell[11] += sign * (response <= 30_000)

    def add_session(self, platform: str, agent: str, scoped: int, started_ms: int, sign: int = 1) -> None:
        """Add (or take away) one session at the hour it began."""
        self._cell((platform, agent, hour_of(started_ms), scoped))[0] += sign

    def merge(self, other: Rollup) -> None:
        """Add all cells of another roll-up."""
        for key, values in other.cells.items():
            cell = self._cell(key)
            for i, value in enumerate(values):
                cell[i] += value

    def rows(self) -> list[tuple[int | str, ...]]:
        """Return the cells that are not all zero, sorted."""
        return [(*key, *values) for key, values in sorted(self.cells.items()) if any(values)]


@dataclass(frozen=True)
class Sums:
    """Added-up measures of some cells, with the figures that follow."""

    values: tuple[int, ...]

    def __getattr__(self, name: str) -> int:
        try:
            return self.values[AT[name]]
        except KeyError as error:
            raise AttributeError(name) from error

    @property
    def average_s(self) -> float | None:
        """Average response in seconds, every unanswered round at 600 s (round-weighted)."""
        return self.sum_ms / self.turns_n / 1000 if self.turns_n else None

    @property
    def answered_average_s(self) -> float | None:
        """Average of the answered rounds alone: what speed without the penalties is."""
        answered = self.turns_n - self.missed_n
        return self.answered_sum_ms / answered / 1000 if answered else None

    @property
    def half_width_s(self) -> float | None:
        """Half the 95 % interval of the average."""
        if self.turns_n < 2:
            return None
        mean_cs = self.sum_ms / 10 / self.turns_n
        variance = max(0.0, self.sum_sq_cs / self.turns_n - mean_cs * mean_cs)
        return float(1.96 * (variance / self.turns_n) ** 0.5 / 100)

    def within(self, seconds: int) -> int:
        """Return how many rounds were answered within an edge. Raises: ValueError for no edge."""
        last = EDGES_S.index(seconds)
        return sum(self.values[_FIRST_BUCKET : _FIRST_BUCKET + last + 1])

    def percentile_s(self, share: float) -> float | None:
        """Return the response below which `share` of all rounds lie; unanswered ones lie at the end.

        Interpolated inside a bucket; beyond the last answered one it is 600 s.
        """
        counts = self.values[_FIRST_BUCKET:]
        rank = share * self.turns_n
        if not self.turns_n:
            return None
        seen, low = 0.0, 0.0
        for edge, count in zip((*EDGES_S, 1200), counts, strict=True):
            if count and seen + count >= rank:
                return low + (edge - low) * (rank - seen) / count
            seen, low = seen + count, float(edge)
        return 600.0


def added(rows: Iterable[Sequence[int]]) -> Sums:
    """Return the sums of measure rows."""
    total = [0] * WIDTH
    for row in rows:
        for i, value in enumerate(row):
            total[i] += value
    return Sums(tuple(total))
