"""The calls of the matrix do reach their routes: without this its refusals could prove nothing."""

from __future__ import annotations

from tests.app.matrix import (
    TALLY,
    Matrix,
    each_call,
    shown,
    told_all,
)

# Calls that log their caller out.
LAST = {"DELETE /api/session": "supervisor", "DELETE /api/sessions": "manager"}


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
