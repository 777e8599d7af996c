"""The generated authorisation matrix: every route, every role, every id of another shop (reliability.md R4).

A route that the table in `calls.py` does not know fails the first test: nothing is left out silently.
"""

from __future__ import annotations

import httpx

from miaohui.access import actions as access
from miaohui.access.actions.tokens import TokenGrant
from miaohui.access.model import NOT_FOR_TOKENS, PERMISSIONS, PUBLIC, ROLES
from miaohui.kit.tx import SYSTEM
from tests.app.calls import CALLS, NOT_OURS, NOWHERE, PATH, calls_of, refs_in
from tests.app.matrix import (
    TALLY,
    Matrix,
    Missing,
    address_refs,
    code_of,
    each_call,
    fields_of,
    is_public,
    query_names,
    shown,
    told_all,
)
from tests.app.twins import POLICY

WHO = ("owner", "manager", "supervisor", "agent", "inspector", "viewer")
STRANGERS = (
    {},
    {"authorization": "Bearer mh_nonsense"},
    {"cookie": "miaohui_session=nonsense", "x-miaohui-csrf": "1"},
)


# ---- the matrix is complete


def test_the_matrix_knows_every_route(matrix: Matrix) -> None:
    routes = {route.key for route in matrix.guarded}
    assert sorted(routes - set(CALLS)) == [], "add a line to tests/app/calls.py"
    assert sorted(set(CALLS) - routes) == [], "gone: take the line out of tests/app/calls.py"
    unknown = [
        f"{route.key}: {name}"
        for route in matrix.guarded
        for name in route.params
        for call in calls_of(route.key)
        if isinstance(call.path.get(name, PATH.get(name, Missing(name))), Missing)
    ]
    assert unknown == []
    TALLY.add("routes", len(matrix.routes))


def test_every_route_asks_for_something_or_is_public_for_a_reason(matrix: Matrix) -> None:
    known = {"session", *PERMISSIONS}
    for route in matrix.routes:
        if route.permission:
            assert route.permission in known, route.key
            assert not is_public(route), f"{route.key} is guarded and public"
        elif route.method != "WEBSOCKET":
            assert is_public(route), f"{route.key} asks for nothing and is not in PUBLIC"
    addresses = {(route.method, route.path) for route in matrix.routes}
    assert [key for key, why in PUBLIC.items() if key not in addresses or len(why) < 20] == []


def test_the_matrix_names_every_id_that_bodies_and_queries_carry(matrix: Matrix) -> None:
    missing = []
    for route in matrix.guarded:
        calls = calls_of(route.key)
        named = {_name(place) for call in calls for place, _ in refs_in(call.body or {})}
        asked = {place for call in calls for place, _ in refs_in(call.query)}
        for param in route.context.dependant.body_params:
            fields = fields_of(param.field_info.annotation)
            missing += [f"{route.key} body.{f}" for f in fields if _is_id(f) and f not in named]
        missing += [f"{route.key} ?{q}" for q in query_names(route) if _is_id(q) and q not in asked]
    assert missing == []


def _name(place: str) -> str:
    return ".".join(part for part in place.split(".") if not part.isdigit())


def _is_id(field: str) -> bool:
    last = field.rsplit(".", 1)[-1]
    return last.endswith(("_id", "_ids")) and last not in NOT_OURS


# ---- who may do what


def test_nobody_comes_in_without_credentials(matrix: Matrix) -> None:
    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call(matrix.guarded):
            for headers in STRANGERS:
                answer = await matrix.ask(route, call, matrix.a, headers)
                TALLY.add("without credentials")
                if (answer.status_code, code_of(answer)) != (401, "kit.unauthenticated"):
                    problems.append(f"{route.key} {shown(answer)}")
        assert not problems, told_all(problems)
        assert matrix.changed(before) == []

    matrix.run(walk())


def test_every_role_that_lacks_a_permission_is_refused(matrix: Matrix) -> None:
    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call(matrix.guarded):
            for who in WHO:
                if route.permission == "session" or route.permission in ROLES[who]:
                    continue
                answer = await matrix.ask(route, call, matrix.a, matrix.a.headers(who))
                TALLY.add("role")
                if not _is_refused(answer, route.permission):
                    problems.append(f"{who} {route.key} {shown(answer)}")
        assert not problems, told_all(problems)
        assert matrix.changed(before) == []

    matrix.run(walk())


def _is_refused(answer: httpx.Response, permission: str) -> bool:
    return code_of(answer) == "kit.forbidden" and answer.json()["detail"] == {"permission": permission}


def test_a_token_may_do_what_it_was_given_and_nothing_else(matrix: Matrix) -> None:
    rt, owner = matrix.process.rt, matrix.a.users["owner"]

    def token(*permissions: str) -> dict[str, str]:
        grant = TokenGrant("eng", sorted(permissions), 3, ROLES["owner"])
        secret = rt.lane.run_blocking(
            lambda tx: access.create_token(tx, matrix.a.id, owner, grant, POLICY)[1], SYSTEM
        )
        return {"authorization": f"Bearer {secret}"}

    grantable = set(PERMISSIONS) - NOT_FOR_TOKENS
    without = {one: token(*grantable - {one}) for one in grantable} | {
        p: token(*grantable) for p in NOT_FOR_TOKENS
    }
    only = {one: token(one) for one in grantable}

    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call([r for r in matrix.guarded if r.permission != "session"]):
            refused = await matrix.ask(route, call, matrix.a, without[route.permission])
            TALLY.add("token without")
            if not _is_refused(refused, route.permission):
                problems.append(f"{route.key} {shown(refused)}")
            if route.permission in only and (route.method == "GET" or address_refs(route, call)):
                # Pointed at nothing: that it is let in shows, and nothing happens.
                ids = dict.fromkeys(matrix.a.ids, NOWHERE)
                answer = await matrix.ask(route, call, matrix.a, only[route.permission], ids)
                TALLY.add("token with")
                if answer.status_code in (401, 500) or _is_refused(answer, route.permission):
                    problems.append(f"{route.key} {shown(answer)}")
        assert not problems, told_all(problems)
        assert matrix.changed(before) == []

    matrix.run(walk())


def test_a_token_neither_sees_nor_ends_its_makers_sessions(matrix: Matrix) -> None:
    own = [route for route in matrix.guarded if route.permission == "session" and route.method != "GET"]
    grant = TokenGrant("eng", sorted(set(PERMISSIONS) - NOT_FOR_TOKENS), 3, ROLES["owner"])
    secret = matrix.process.rt.lane.run_blocking(
        lambda tx: access.create_token(tx, matrix.a.id, matrix.a.users["owner"], grant, POLICY)[1], SYSTEM
    )

    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call(own):
            answer = await matrix.ask(route, call, matrix.a, {"authorization": f"Bearer {secret}"})
            TALLY.add("token, own account")
            if answer.status_code != 403:
                problems.append(f"{route.key} {shown(answer)}")
        assert not problems, told_all(problems)
        assert matrix.changed(before) == []

    matrix.run(walk())
