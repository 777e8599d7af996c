"""Every route of this room asks for a permission or says why not (R4; the walk over the whole app is `app`'s)."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from tests.access.conftest import Desk
from tests.world import SHOP_A

from miaohui.access.model import PERMISSIONS, PUBLIC, ROLES
from miaohui.access.routes import router
from miaohui.kit.http import Guard, list_guards

_APP = FastAPI(openapi_url=None)
_APP.include_router(router)
GUARDS = list_guards(_APP.routes)
GUARDED = [guard for guard in GUARDS if guard.permission is not None]


def _path(guard: Guard) -> str:
    return re.sub(r"\{[^}]+\}", "1", guard.path)


def test_every_route_carries_a_known_permission_or_stands_on_the_public_list() -> None:
    assert len(GUARDS) >= 28
    for guard in GUARDS:
        if guard.permission is None:
            assert (guard.method, guard.path) in PUBLIC, guard
        else:
            assert guard.permission == "session" or guard.permission in PERMISSIONS, guard
            assert (guard.method, guard.path) not in PUBLIC, guard


def test_the_public_list_names_no_route_of_this_room_that_is_gone() -> None:
    ours = {(guard.method, guard.path) for guard in GUARDS}
    named = {key for key in PUBLIC if key[1].startswith(("/api/session", "/api/invit", "/api/password"))}
    assert named <= ours


def test_nobody_gets_in_without_a_log_in(desk: Desk) -> None:
    async def scenario() -> None:
        browser = desk.browser()
        for guard in GUARDED:
            answer = await browser.request(guard.method, _path(guard), json={})
            assert (answer.status_code, answer.json()["code"]) == (401, "kit.unauthenticated"), guard

    desk.run(scenario)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_without_the_permission_is_refused_before_anything_is_read(desk: Desk, role: str) -> None:
    desk.person("olga", "owner")
    desk.person("actor", role, SHOP_A)

    async def scenario() -> list[tuple[Guard, int]]:
        browser = await desk.log_in("actor")
        lacking = [g for g in GUARDED if g.permission not in {"session", *ROLES[role]}]
        return [(g, (await browser.request(g.method, _path(g), json={})).status_code) for g in lacking]

    found = desk.run(scenario)
    assert len(found) == {"owner": 0, "manager": 0}.get(role, 15)
    assert {status for _, status in found} <= {403}
