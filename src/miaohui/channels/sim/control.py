"""What every simulator's control API (`/sim/…`) has in common: clock, faults, pushes, health."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Any

from miaohui.channels.sim.chaos import Manners
from miaohui.channels.sim.faults import Faults
from miaohui.channels.sim.http import Request, Response, reply
from miaohui.channels.sim.pusher import Pusher
from miaohui.channels.sim.timing import SimClock


class Control:
    """Answers `/sim/health`, `/sim/clock`, `/sim/faults`, `/sim/push`, `/sim/pushes`."""

    def __init__(self, clock: SimClock, faults: Faults, pusher: Pusher) -> None:
        self._clock, self._faults, self._pusher = clock, faults, pusher

    def answer(self, request: Request) -> Response | None:
        """Return the answer, or None when the path is none of these."""
        name = request.path.removeprefix("/sim/").strip("/")
        handlers = {
            "health": self._health, "clock": self._move_clock, "faults": self._set_faults,
            "push": self._set_push, "pushes": self._list_pushes,
        }  # fmt: skip
        handler = handlers.get(name)
        if handler is None:
            return None
        try:
            return reply(handler(request))
        except (ValueError, TypeError, KeyError) as error:
            return reply({"error": str(error)}, 400)

    def _health(self, request: Request) -> dict[str, Any]:
        return {"ok": True, "now_ms": self._clock.now_ms(), "is_cancelled": self._pusher.is_cancelled}

    def _move_clock(self, request: Request) -> dict[str, Any]:
        self._clock.advance(float(request.json().get("advance_s", 0)))
        return {"now_ms": self._clock.now_ms()}

    def _set_faults(self, request: Request) -> dict[str, Any]:
        if request.method == "DELETE":
            self._faults.clear()
        else:
            self._faults.add(request.json())
        return {"ok": True}

    def _set_push(self, request: Request) -> dict[str, Any]:
        changes = request.json()
        if "manners" in changes:
            changes["manners"] = Manners.parsed(changes["manners"])
        if changes.pop("resume", False):
            self._pusher.resume()
        self._pusher.configure(**changes)
        return {"ok": True, "policy": asdict(self._pusher.policy)}

    def _list_pushes(self, request: Request) -> dict[str, Any]:
        """Return what was tried: the last 1,000 records, or up to 5,000 from number `since` on."""
        pusher, since = self._pusher, request.query.get("since")
        kept_from = pusher.try_count - len(pusher.records)
        start = max(0, pusher.try_count - 1_000 if since is None else int(since)) - kept_from
        shown = islice(pusher.records, max(0, start), max(0, start) + 5_000)
        return {
            "items": [asdict(record) for record in shown], "lost": pusher.lost_ids,
            "lost_events": pusher.lost_events, "count": pusher.try_count, "open": pusher.open_count,
            "doubled": pusher.doubled_count, "given_up": pusher.given_up_count,
        }  # fmt: skip
