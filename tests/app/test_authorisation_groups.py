"""What is another group's, and rights that depend on what is asked for (reliability.md R4)."""

from __future__ import annotations

import pytest

from miaohui.access.model import ROLES
from tests.app.calls import NOWHERE, Call, refs_in
from tests.app.matrix import (
    TALLY,
    Matrix,
    address_refs,
    each_call,
    shown,
    told,
    told_all,
)

# ---- what is another group's


def test_an_agent_of_another_group_finds_no_conversation_of_this_one(matrix: Matrix) -> None:
    """`agent2` works in the group 售中; the shop's conversations are held by 售前."""

    async def walk() -> None:
        before, problems = matrix.prints(), []
        stranger, talk = matrix.a.headers("agent2"), matrix.a.ids["conversation"]
        routes = [r for r in matrix.guarded if r.permission == "session" or r.permission in ROLES["agent"]]
        for route, call in each_call(routes):
            places = [
                f"path.{n}" for n, ref in address_refs(route, call).items() if ref.kind == "conversation"
            ]
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
            bare = (
                Call()
                if not route.path.endswith(("/search", "/stream", "/responses", "/heat", "/rounds"))
                else call
            )
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
