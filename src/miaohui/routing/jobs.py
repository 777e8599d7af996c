"""What routing does by itself: deadlines, the rest of a long backlog, heartbeats, and its own tidying up."""

from __future__ import annotations

from functools import partial

from miaohui.kit.http import Caller
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job, Periodic, Pump, TimerSource
from miaohui.routing import actions, queries
from miaohui.shop.queries import list_shop_ids

BEAT_AT_MOST_EVERY_S = 5.0


class Heartbeats:
    """The port `agent_heartbeat` of the live socket: `await beats(caller)` at hello and at every ping.

    A person with several tabs, or a nervous client, writes at most once in five seconds.
    """

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._last_s: dict[tuple[int, int], float] = {}

    async def __call__(self, caller: Caller) -> None:
        """Note that the caller's page is alive; does nothing for people who cannot be present."""
        if not caller.can("routing.presence"):
            return
        key, now_s = (caller.shop_id, caller.user_id), self._rt.clock.monotonic_s()
        last_s = self._last_s.get(key)
        if last_s is not None and now_s - last_s < BEAT_AT_MOST_EVERY_S:
            return
        self._last_s[key] = now_s
        await self._rt.write(caller.actor, lambda tx: actions.note_heartbeat(tx, *key))


async def purge_decisions(job: Job, rt: Runtime) -> None:
    """Delete decisions after each shop's own time for them."""
    for shop_id in await rt.read(list_shop_ids):
        while await job.step(partial(actions.purge_decisions, shop_id=shop_id)):
            pass
    await job.finish()


HANDLERS = {"routing.purge_decisions": purge_decisions}
PERIODIC = [Periodic("routing.purge_decisions", "routing.purge_decisions", 3_600)]
TIMERS = [
    TimerSource("routing.heartbeats", partial(queries.next_deadline, name="alive"), actions.expire_heartbeats),
    TimerSource("routing.lost_people", partial(queries.next_deadline, name="offline"), actions.give_up_lost),
    TimerSource("routing.overflows", partial(queries.next_deadline, name="overflow"), actions.fire_overflows),
    TimerSource("routing.retransfers", partial(queries.next_deadline, name="retransfer"), actions.fire_retransfers),
    TimerSource("routing.reserve", queries.next_reserve_look, actions.look_at_reserves),
    TimerSource("routing.exclusions", partial(queries.next_deadline, name="exclusion"), actions.end_exclusions),
]  # fmt: skip
PUMPS = [Pump("routing.backlog", "routing", actions.drain_backlog)]
