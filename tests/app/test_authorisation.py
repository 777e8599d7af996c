"""The generated authorisation matrix: every route, every role, every id of another shop (reliability.md R4).

A route that the table in `calls.py` does not know fails the first test: nothing is left out silently.
"""

from __future__ import annotations

import httpx
import pytest

from miaohui.access import actions as access
from miaohui.access.actions.tokens import TokenGrant
from miaohui.access.model import NOT_FOR_TOKENS, PERMISSIONS, PUBLIC, ROLES
from miaohui.kit.tx import SYSTEM
from tests.app.calls import CALLS, NOT_OURS, NOWHERE, PATH, Call, Ref, calls_of, refs_in
from tests.app.matrix import (
    TALLY,
    Matrix,
    Missing,
    Route,
    code_of,
    each_call,
    fields_of,
    is_public,
    query_names,
    shown,
    told,
    told_all,
)
from tests.app.twins import POLICY

WHO = ("owner", "manager", "supervisor", "agent", "inspector", "viewer")
TRAIL = {
    "kit_audit",
    "kit_audit_heads",
}  # who tried what on many things is worth a line, also when none was found
# Calls that log their caller out.
LAST = {"DELETE /api/session": "supervisor", "DELETE /api/sessions": "manager"}
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


def _refs(route: Route, call: Call) -> dict[str, Ref]:
    """Return what the parameters of a route's address point at."""
    found = {name: call.path.get(name, PATH.get(name)) for name in route.params}
    return {name: ref for name, ref in found.items() if isinstance(ref, Ref)}


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
            if route.permission in only and (route.method == "GET" or _refs(route, call)):
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


# ---- what is another shop's


def test_ids_of_another_shop_in_addresses_are_as_unknown_as_ids_of_nothing(matrix: Matrix) -> None:
    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call(matrix.guarded):
            refs = _refs(route, call)
            for name, ref in refs.items():
                foreign = matrix.b.ids[ref.kind]
                place = f"path.{name}"
                headers = matrix.a.headers("owner")
                theirs = await matrix.ask(route, call, matrix.a, headers, {place: foreign})
                nothing = await matrix.ask(route, call, matrix.a, headers, {place: NOWHERE})
                TALLY.add("foreign address")
                if theirs.status_code != call.says or told(theirs, foreign) != told(nothing, NOWHERE):
                    problems.append(f"{route.key} {name}: {shown(theirs)} / {shown(nothing)}")
            if refs and (changed := matrix.changed(before)):
                problems.append(f"{route.key} wrote {changed}")
                before = matrix.prints()
        assert not problems, told_all(problems)

    matrix.run(walk())


def test_ids_of_another_shop_in_bodies_are_refused(matrix: Matrix) -> None:
    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call(matrix.guarded):
            for place, ref in refs_in(call.body or {}):
                foreign = matrix.b.ids[ref.kind]
                headers = matrix.a.headers("owner")
                theirs = await matrix.ask(route, call, matrix.a, headers, {f"body.{place}": foreign})
                nothing = await matrix.ask(route, call, matrix.a, headers, {f"body.{place}": NOWHERE})
                fine = theirs.status_code in (call.says, 422) or place in call.part
                if not fine or told(theirs, foreign) != told(nothing, NOWHERE):
                    problems.append(f"{route.key} {place}: {shown(theirs)} / {shown(nothing)}")
                if changed := matrix.changed(before):
                    if place not in call.part or set(changed) - TRAIL:
                        problems.append(f"{route.key} {place}: wrote {changed}")
                    before = matrix.prints()
                TALLY.add("foreign body")
        assert not problems, told_all(problems)

    matrix.run(walk())


def test_ids_of_another_shop_in_queries_find_nothing(matrix: Matrix) -> None:
    async def walk() -> None:
        problems = []
        for route, call in each_call(matrix.guarded):
            for place, ref in refs_in(call.query):
                foreign = matrix.b.ids[ref.kind]
                headers = matrix.a.headers("owner")
                theirs = await matrix.ask(route, call, matrix.a, headers, {f"query.{place}": foreign})
                nothing = await matrix.ask(route, call, matrix.a, headers, {f"query.{place}": NOWHERE})
                TALLY.add("foreign query")
                same = told(theirs, foreign) == told(nothing, NOWHERE)
                if theirs.status_code not in (200, 404, 422) or not same or matrix.b.mark in theirs.text:
                    problems.append(f"{route.key} {place}: {shown(theirs)} / {shown(nothing)}")
        assert not problems, told_all(problems)

    matrix.run(walk())


def test_no_answer_to_one_shop_carries_a_word_or_an_id_of_the_other(matrix: Matrix) -> None:
    async def walk() -> None:
        theirs = {str(one) for one in (*matrix.b.ids.values(), *matrix.b.users.values(), matrix.b.id)}
        seen_own, problems = 0, []
        for route, call in each_call([r for r in matrix.guarded if r.method == "GET"]):
            answer = await matrix.ask(route, call, matrix.a, matrix.a.headers("owner"))
            TALLY.add("answers read")
            seen_own += matrix.a.mark in answer.text
            found = [one for one in theirs if one in answer.text]
            if matrix.b.mark in answer.text or found:
                problems.append(f"{route.key} {found} {shown(answer)}")
        assert not problems, told_all(problems)
        assert seen_own > 30, "the answers are empty: this walk would see no leak"

    matrix.run(walk())


# ---- what is another group's


def test_an_agent_of_another_group_finds_no_conversation_of_this_one(matrix: Matrix) -> None:
    """`agent2` works in the group 售中; the shop's conversations are held by 售前."""

    async def walk() -> None:
        before, problems = matrix.prints(), []
        stranger, talk = matrix.a.headers("agent2"), matrix.a.ids["conversation"]
        routes = [r for r in matrix.guarded if r.permission == "session" or r.permission in ROLES["agent"]]
        for route, call in each_call(routes):
            places = [f"path.{n}" for n, ref in _refs(route, call).items() if ref.kind == "conversation"]
            places += [f"body.{p}" for p, ref in refs_in(call.body or {}) if ref.kind == "conversation"]
            for place in places:
                theirs = await matrix.ask(route, call, matrix.a, stranger, {place: talk})
                nothing = await matrix.ask(route, call, matrix.a, stranger, {place: NOWHERE})
                TALLY.add("another group's conversation")
                if theirs.status_code != 404 or told(theirs, talk) != told(nothing, NOWHERE):
                    problems.append(f"{route.key} {place}: {shown(theirs)} / {shown(nothing)}")
        assert not problems, told_all(problems)
        assert matrix.changed(before) == []

    matrix.run(walk())


def test_no_list_shows_an_agent_the_conversations_of_another_group(matrix: Matrix) -> None:
    async def walk() -> None:
        problems = []
        talks = [matrix.a.ids[k] for k in ("conversation", "other_conversation", "closed_conversation")]
        routes = [r for r in matrix.guarded if r.permission in ROLES["agent"] | {"session"}]
        for route, call in each_call([r for r in routes if r.method == "GET" and not r.params]):
            bare = Call() if not route.path.endswith(("/search", "/stream", "/responses")) else call
            if route.path.endswith("/search"):
                bare = Call(query={"q": "预售口令"})
            answer = await matrix.ask(route, bare, matrix.a, matrix.a.headers("agent2"))
            TALLY.add("lists of another group")
            found = [one for one in talks if str(one) in answer.text]
            said = f"预售口令 {matrix.a.mark}"
            if answer.status_code != 200 or said in answer.text or found:
                problems.append(f"{route.key} {found} {shown(answer)}")
        assert not problems, told_all(problems)

    matrix.run(walk())


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("agent", "POST", "/api/views", {"name_zh": "全店", "filter": {"box": "open"}, "is_shared": True}),
        ("agent", "GET", "/api/agents/{other}/state-log", None),
        ("manager", "PUT", "/api/users/{owner}/role", {"role": "viewer", "version": 1}),
        ("manager", "POST", "/api/users/{owner}/departure", {"version": 1}),
        ("manager", "POST", "/api/users/{owner}/password-reset", None),
        ("manager", "DELETE", "/api/users/{owner}/totp", None),
        ("manager", "DELETE", "/api/users/{owner}/sessions", None),
        ("manager", "POST", "/api/invitations", {"display_name": "新人", "role": "owner"}),
        ("manager", "POST", "/api/invitations", {"display_name": "新人", "role": "manager"}),
        ("manager", "PUT", "/api/users/{other}/role", {"role": "owner", "version": 1}),
        ("manager", "POST", "/api/tokens", {"label": "t", "permissions": ["access.manage"]}),
    ],
)
def test_rights_that_depend_on_what_is_asked_for(
    matrix: Matrix, who: str, method: str, path: str, body: object
) -> None:
    """A permission opens the route; what is asked for there may need another, or a higher role."""
    users = matrix.a.users
    address = path.format(other=users["agent2"], owner=users["owner"])

    async def walk() -> None:
        before = matrix.prints()
        headers = matrix.a.headers(who)
        answer = await matrix.client.request(method, address, json=body, headers=headers)
        TALLY.add("right by content")
        assert answer.status_code in (403, 422), shown(answer)
        assert matrix.changed(before) == []

    matrix.run(walk())


# ---- last, since it changes the shop: the calls above do reach their routes' business


def test_every_call_of_the_table_reaches_its_route_and_touches_no_other_shop(matrix: Matrix) -> None:
    """Without this the refusals above could come from bodies that no route would ever take."""

    async def walk() -> None:
        theirs, problems = matrix.prints(matrix.b), []
        order = {"GET": 0, "PUT": 1, "PATCH": 1, "POST": 2, "DELETE": 3}
        routes = sorted(matrix.guarded, key=lambda r: (r.key in LAST, order[r.method]))
        for route, call in each_call(routes):
            headers = matrix.a.headers(LAST.get(route.key, "owner"))
            answer = await matrix.ask(route, call, matrix.a, headers)
            TALLY.add("reached")
            fine = answer.status_code < 300 or answer.status_code in (409, *call.also)
            if not fine:
                problems.append(f"{route.key} {shown(answer)}")
        assert not problems, told_all(problems)
        assert matrix.changed(theirs, matrix.b) == []

    matrix.run(walk())
