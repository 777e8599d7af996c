"""What follows from what: the one table of subscriptions, jobs, timers, pumps, ports and routes.

Read `wire_events` to know what an event sets in motion; nothing else subscribes anywhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute

from miaohui.access import events as access
from miaohui.access import jobs as access_jobs
from miaohui.access import routes as access_routes
from miaohui.access.model import PUBLIC
from miaohui.app import (
    admin_routes,
    bridge_socket,
    counting,
    event_stream,
    linking,
    live,
    logins,
    ports,
    scrub,
    team,
    upkeep,
)
from miaohui.app.backups import jobs as backup_jobs
from miaohui.app.backups import nightly as nightly_backup
from miaohui.app.backups import routes as backup_routes
from miaohui.app.erasure import jobs as erasure_jobs
from miaohui.app.settings import Settings
from miaohui.buyers import routes as buyers_routes
from miaohui.buyers.events import BuyersMerged, BuyersSplit
from miaohui.channels import routes as channels_routes
from miaohui.channels.registry import make_adapters
from miaohui.channels.tokens import Tokens
from miaohui.importing import jobs as importing_jobs
from miaohui.importing import routes as importing_routes
from miaohui.inbox import actions as inbox_actions
from miaohui.inbox import events as inbox
from miaohui.inbox import jobs as inbox_jobs
from miaohui.inbox import queries as inbox_queries
from miaohui.inbox import routes as inbox_routes
from miaohui.insight import jobs as insight_jobs
from miaohui.insight import routes as insight_routes
from miaohui.kit.headers import HeaderRules, SecurityHeaders
from miaohui.kit.http import Authenticator
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx, Wiring
from miaohui.kit.worker import JobHandler, Periodic, Pump, TimerSource
from miaohui.phrasebook import routes as phrasebook_routes
from miaohui.routing import actions as routing_actions
from miaohui.routing import jobs as routing_jobs
from miaohui.routing import routes as routing_routes
from miaohui.shop import events as shop
from miaohui.shop import jobs as shop_jobs
from miaohui.shop import routes as shop_routes
from miaohui.sla import actions as sla_actions
from miaohui.sla import events as sla
from miaohui.sla import jobs as sla_jobs
from miaohui.sla import routes as sla_routes
from miaohui.staff import events as staff
from miaohui.staff import jobs as staff_jobs
from miaohui.staff import routes as staff_routes
from miaohui.trade import actions as trade_actions
from miaohui.trade import events as trade
from miaohui.trade import jobs as trade_jobs
from miaohui.trade import queries as trade_queries
from miaohui.trade import routes as trade_routes
from miaohui.webhooks import jobs as webhooks_jobs
from miaohui.webhooks import routes as webhooks_routes


@dataclass
class Assembly:
    """The parts of one process, put together."""

    authenticator: Authenticator
    routers: list[APIRouter]
    handlers: dict[str, JobHandler] = field(default_factory=dict)
    periodic: list[Periodic] = field(default_factory=list)
    timers: list[TimerSource] = field(default_factory=list)
    pumps: list[Pump] = field(default_factory=list)
    loops: list[tuple[str, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    middleware: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)


def wire_events(wiring: Wiring, rt: Runtime) -> None:
    """Subscribe: inline handlers run in the event's own transaction, in this order."""
    on = wiring.on
    on(inbox.ConversationOpened, sla_actions.follow_opening, routing_actions.on_opened)
    on(inbox.ConversationOpened, linking.link_orders_to_visitor)
    on(inbox.MessageReceived, sla_actions.follow_message, routing_actions.on_message)
    on(inbox.MessageReceived, routing_actions.hear_handover_word)
    on(inbox.MessageRecalled, sla_actions.follow_recall)
    on(inbox.ReplyQueued, routing_actions.on_reply_queued)
    on(inbox.ReplySent, sla_actions.follow_reply, routing_actions.on_reply_sent)
    on(inbox.ConversationAssigned, sla_actions.follow_assignment, routing_actions.on_assigned)
    on(inbox.ConversationClosed, sla_actions.follow_closing, routing_actions.on_closed)
    on(inbox.ConversationLabelled, routing_actions.on_labelled)
    on(inbox.BusinessFactArrived, take_in_business_fact)
    on(trade.OrderMirrored, linking.link_order_to_buyer)
    on(BuyersMerged, inbox_actions.follow_merge, follow_buyers_merged, routing_actions.on_buyers_merged)
    on(BuyersSplit, inbox_actions.follow_split, linking.return_orders_after_split)
    on(sla.ClockWarned, routing_actions.on_clock_warned)
    on(shop.PolicyChanged, sla_actions.follow_policy_change)
    on(shop.LiveSessionChanged, sla_actions.follow_live_change)
    on(shop.PromotionChanged, sla_actions.follow_promotion_change)
    on(shop.CalendarChanged, sla_actions.follow_calendar_change)
    on(shop.ChannelAccountChanged, partial(forget_accounts, rt))
    for event in (staff.MembershipChanged, staff.CapacityChanged, staff.SkillsChanged, staff.GroupChanged):
        on(event, routing_actions.on_team_changed)
    on(staff.AgentDeparted, routing_actions.on_agent_departed)
    on(access.PersonJoined, team.make_agent_of_newcomer)
    on(access.PersonLeft, team.let_agent_of_leaver_go)
    for joined in (staff.AgentJoined, staff.MembershipChanged):
        on(joined, team.let_agent_see_own_groups)


def take_in_business_fact(tx: Tx, event: inbox.BusinessFactArrived) -> None:
    """Hand an order's, after-sale's or parcel's news to `trade`."""
    trade_actions.take_in_inbound(tx, event.shop_id, event.account_id, event.inbound)


def follow_buyers_merged(tx: Tx, event: BuyersMerged) -> None:
    """Let the kept buyer have the orders of the merged one."""
    trade_actions.follow_merged_buyers(tx, event.shop_id, event.kept_id, event.merged_id)


def forget_accounts(rt: Runtime, tx: Tx, event: shop.ChannelAccountChanged) -> None:
    """Make this process look channel accounts up again."""
    inbox_jobs.book_of(rt).forget()


def assemble(rt: Runtime, settings: Settings) -> Assembly:
    """Put a process together: ports first, then events, then what runs."""
    rt.ports["egress"] = egress = ports.make_egress(rt, settings)
    rt.ports["tokens"] = tokens = Tokens(ports.TokenRows(rt), rt.clock)
    rt.ports["channels"] = make_adapters(egress, tokens, rt.clock, files=ports.AttachmentFiles(rt))
    rt.ports["trade.accounts"] = ports.PullBook(rt)
    rt.ports["count_orders"] = trade_queries.count_orders_of_day
    rt.ports["channel_check"] = ports.ChannelCheck(rt, tokens)
    rt.ports["can_see_conversation"] = inbox_queries.can_see_conversation
    rt.ports["agent_typing"] = partial(inbox_jobs.show_typing, rt)
    rt.ports["agent_heartbeat"] = routing_jobs.Heartbeats(rt)
    wire_events(rt.wiring, rt)
    counting.wire_counting(rt.wiring)
    rt.ports["public_url"] = settings.public_url.rstrip("/")
    rt.ports["nightly_backup"] = nightly_backup.NightlyPlan(settings.backup_hour, settings.backup_keep)
    rt.ports["shop_names"] = team.shop_names
    rt.ports["group_ids_of_shop"] = team.group_ids_of_shop
    made = Assembly(access_routes.SessionAuthenticator(rt, team.access_policy(settings)), routers())
    for jobs in (
        access_jobs, shop_jobs, inbox_jobs, trade_jobs, sla_jobs, routing_jobs, webhooks_jobs, upkeep,
        importing_jobs, insight_jobs, backup_jobs, nightly_backup, erasure_jobs, logins, scrub,
    ):  # fmt: skip
        made.handlers |= jobs.HANDLERS
        made.periodic += getattr(jobs, "PERIODIC", [])
    for timed in (staff_jobs, inbox_jobs, sla_jobs, routing_jobs):
        made.timers += timed.TIMERS
    made.pumps += [*inbox_jobs.pumps(rt), *routing_jobs.PUMPS, *insight_jobs.PUMPS]
    made.loops += [(name, partial(loop, rt)) for name, loop in webhooks_jobs.LOOPS]
    made.middleware.append((SecurityHeaders, {"rules": HeaderRules()}))
    return made


def routers() -> list[APIRouter]:
    """Return every room's routes, in the order of the documentation."""
    rooms = (
        access_routes, shop_routes, channels_routes, staff_routes, buyers_routes, phrasebook_routes, inbox_routes,
        routing_routes, sla_routes, trade_routes, webhooks_routes,
        importing_routes, insight_routes, live, event_stream, bridge_socket, admin_routes, backup_routes,
    )  # fmt: skip
    return [room.router for room in rooms]


# ---- walking the application: authorisation matrix, reference pages


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Give every route as (method, path, route); sockets have the method WEBSOCKET."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield method, route.path, route
        elif isinstance(route, APIWebSocketRoute):
            yield "WEBSOCKET", route.path, route


def permission_of(route: Any) -> str:
    """Return the permission a route requires, 'public: why' for listed ones, '' for a hole."""
    for method in getattr(route, "methods", None) or ("WEBSOCKET",):
        if (method, route.path) in PUBLIC:
            return f"public: {PUBLIC[(method, route.path)]}"
    if own := getattr(route.endpoint, "permission", ""):
        return str(own)
    pending = [route.dependant]
    while pending:
        dependant = pending.pop()
        if permission := getattr(dependant.call, "permission", ""):
            return str(permission)
        pending.extend(dependant.dependencies)
    return ""
