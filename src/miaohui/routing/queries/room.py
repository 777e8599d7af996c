"""Reads of the room: rules, seats, presences, state log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from miaohui.routing import store
from miaohui.routing.model import (
    Names,
    Presence,
    Rules,
    Seat,
    Span,
    Standing,
    capacity_of,
    is_shop_open,
    seconds_by_state,
)
from miaohui.staff import queries as staff_queries


@dataclass(frozen=True)
class RulesVersion:
    """One stored version of the rules."""

    version: int
    rules: Rules
    effective_at: datetime
    author_id: int | None
    reason: str


@dataclass(frozen=True)
class Room:
    """Everybody's seat at one moment. `is_open`: somebody is online or on a break."""

    rules: Rules
    rules_version: int
    seats: dict[int, Seat]
    standings: dict[int, Standing]

    @property
    def is_open(self) -> bool:
        return is_shop_open(list(self.standings.values()))

    def capacity(self, user_id: int) -> int:
        """Return how many chats the person may hold now, shrunk by load."""
        return capacity_of(self.seats[user_id], self.rules)


def get_room(conn: Connection, shop_id: int, now: datetime) -> Room:
    """Return the room as it is. Six statements, whatever the length of the queue."""
    version, rules = store.rows.get_rules(conn, shop_id)
    presences = store.seats.list_presences(conn, shop_id)
    loads = store.chats.loads(conn, shop_id)
    seats: dict[int, Seat] = {}
    standings: dict[int, Standing] = {}
    for profile in staff_queries.list_profiles(conn, shop_id, now):
        row = presences.get(profile.user_id)
        load, unanswered = loads.get(profile.user_id, (0, 0))
        seats[profile.user_id] = Seat(
            profile.user_id, profile.display_name, row.standing.state if row else Presence.OFFLINE,
            profile.max_concurrency, load, unanswered, profile.group_ids, profile.skills,
            row.last_placed_at if row else None,
        )  # fmt: skip
        if row is not None:
            standings[profile.user_id] = row.standing
    return Room(rules, version, seats, standings)


def get_rules(conn: Connection, shop_id: int) -> tuple[int, Rules]:
    """Return the version and the rules in force; version 0 is the defaults."""
    return store.rows.get_rules(conn, shop_id)


def list_rules(conn: Connection, shop_id: int) -> list[RulesVersion]:
    """Return every stored version of the rules, newest first."""
    return [RulesVersion(*found) for found in store.rows.list_rules(conn, shop_id)]


def find_standing(conn: Connection, shop_id: int, user_id: int) -> Standing | None:
    """Return where a person stands, None when they were never here."""
    row = store.seats.find_presence(conn, shop_id, user_id)
    return row.standing if row else None


def find_alive_until(conn: Connection, shop_id: int, user_id: int) -> datetime | None:
    """Return until when a person counts as reachable without another heartbeat."""
    row = store.seats.find_presence(conn, shop_id, user_id)
    return row.alive_until_at if row else None


def count_load(conn: Connection, shop_id: int) -> dict[int, int]:
    """Return agent → how many chats they have, exact."""
    return {user_id: load for user_id, (load, _) in store.chats.loads(conn, shop_id).items()}


def list_state_spans(
    conn: Connection, shop_id: int, user_id: int, since: datetime, until: datetime
) -> list[Span]:
    """Return a person's states that touch [since, until), oldest first."""
    return [span for _, span in store.rows.list_spans(conn, shop_id, user_id, since, until)]


def state_seconds(
    conn: Connection, shop_id: int, since: datetime, until: datetime, now: datetime
) -> dict[int, dict[str, float]]:
    """Return person → state → seconds within [since, until); states still going on count up to `now`."""
    by_person: dict[int, list[Span]] = {}
    for user_id, span in store.rows.list_spans(conn, shop_id, None, since, until):
        by_person.setdefault(user_id, []).append(span)
    return {user_id: seconds_by_state(spans, since, until, now) for user_id, spans in by_person.items()}


def get_names(conn: Connection, shop_id: int) -> Names:
    """Return what people, groups and skills are called, those who left included."""
    people = {a.user_id: a.display_name for a in staff_queries.list_agents(conn, shop_id, departed=True)}
    groups = {g.id: g.name for g in staff_queries.list_groups(conn, shop_id, archived=True)}
    return Names(people, groups, staff_queries.skill_catalogue(conn, shop_id))


def next_deadline(conn: Connection, name: str) -> datetime | None:
    """Return the earliest deadline of a timer: alive, offline, overflow, retransfer or exclusion."""
    return store.rows.next_deadline(conn, name)
