"""Ids of another shop are as unknown as ids of nothing, wherever they are put (reliability.md R4)."""

from __future__ import annotations

from tests.app.calls import NOWHERE, refs_in
from tests.app.matrix import (
    TALLY,
    Matrix,
    address_refs,
    each_call,
    shown,
    told,
    told_all,
)

TRAIL = {
    "kit_audit",
    "kit_audit_heads",
}  # who tried what on many things is worth a line, also when none was found


# ---- what is another shop's


def test_ids_of_another_shop_in_addresses_are_as_unknown_as_ids_of_nothing(matrix: Matrix) -> None:
    async def walk() -> None:
        before, problems = matrix.prints(), []
        for route, call in each_call(matrix.guarded):
            refs = address_refs(route, call)
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
