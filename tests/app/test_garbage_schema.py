"""No answer of 5xx, and no undeclared answer, to anything the published description allows or forbids (R7, API9).

schemathesis makes the requests from our own OpenAPI document; half of them point at things that exist, so that they
get further than "not found". It takes its time, so it runs among the proofs: `pytest -m proof tests/app`.
"""

from __future__ import annotations

import collections
import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from miaohui.access import actions as access
from miaohui.kit.errors import REFUSALS
from miaohui.kit.tx import SYSTEM
from tests.app.calls import CALLS, PATH, Ref, calls_of
from tests.app.matrix import TALLY, Matrix, shown, told_all
from tests.app.twins import POLICY

# Answers of the edge, the same on every route, whatever the route itself declares.
EDGE = {405, 408, 413}
ENDLESS = {"/api/live/stream", "/widget/{account_key}/events"}
SHAPE = {"code", "message", "message_en", "detail", "trace_id"}


def made(operation: Any, mode: GenerationMode, count: int) -> list[Any]:
    """Return generated requests: those that the description allows, or those that it forbids."""
    found: list[Any] = []

    @seed(20_261_122)
    @settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        found.append(case)

    try:
        collect()
    except Unsatisfiable:  # nothing can be wrong with a route that takes nothing
        return found
    return found


class Walk:
    """One walk over all operations as the owner of shop A."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.spec = matrix.process.app.openapi()
        schema = schemathesis.openapi.from_dict(self.spec)
        self.operations = [one.ok() for one in schema.get_all_operations()]
        self.problems: list[str] = []
        self.statuses: collections.Counter[int] = collections.Counter()

    async def run(self, forbidden: int, allowed: int) -> None:
        """Send this many requests of both sorts to each operation."""
        for operation in self.operations:
            if operation.path in ENDLESS:
                continue
            headers = await self._log_in()
            cases = made(operation, GenerationMode.NEGATIVE, forbidden)
            cases += made(operation, GenerationMode.POSITIVE, allowed)
            for n, case in enumerate(cases):
                await self._send(operation, case, headers, n % 2 == 0)

    async def _log_in(self) -> dict[str, str]:
        """Return a fresh log-in: the one before may have been told to log out."""
        owner, origin = self.matrix.a.users["owner"], access.Origin("192.0.2.7", "garbage")
        secret = await self.matrix.process.rt.write(
            SYSTEM, lambda tx: access.open_session(tx, owner, origin, POLICY)
        )
        return {"cookie": f"miaohui_session={secret}", "x-miaohui-csrf": "1"}

    async def _send(self, operation: Any, case: Any, headers: dict[str, str], at_real_things: bool) -> None:
        options = case.as_transport_kwargs(base_url="http://desk.test")
        for name in ("cookies", "auth"):
            options.pop(name, None)
        if at_real_things:
            options["url"] = f"http://desk.test{self._address(operation)}"
        options["headers"] = {
            k: v for k, v in options["headers"].items() if k.lower() not in ("cookie", "authorization")
        } | headers
        data = options.pop("data", None)
        if isinstance(data, (bytes, str)):
            options["content"] = data
        elif data is not None:
            options["data"] = data
        try:
            request = self.matrix.client.build_request(**options)
        except (httpx.InvalidURL, UnicodeError, TypeError, ValueError):
            return  # no client can send this
        answer = await self.matrix.client.send(request)
        TALLY.add("requests from the description")
        self.statuses[answer.status_code] += 1
        self._judge(operation, options, answer)

    def _address(self, operation: Any) -> str:
        key = f"{operation.method.upper()} {operation.path}"
        calls = calls_of(key) if key in CALLS else ()
        own = {**PATH, **(calls[0].path if calls else {}), "account_key": f"key-{self.matrix.a.mark}"}

        def value(match: re.Match[str]) -> str:
            found = own.get(match[1], "1")
            return str(self.matrix.a.ids[found.kind] if isinstance(found, Ref) else found)

        return re.sub(r"{(\w+)}", value, operation.path)

    def _judge(self, operation: Any, options: dict[str, Any], answer: httpx.Response) -> None:
        declared = self.spec["paths"][operation.path][operation.method]["responses"]
        what = (
            f"{operation.label} {str(options.get('json', options.get('content', '')))[:200]}: {shown(answer)}"
        )
        if str(answer.status_code) not in declared and answer.status_code not in EDGE:
            self.problems.append(f"undeclared: {what}")
        if answer.status_code >= 500 and answer.json().get("code") == "kit.bug":
            self.problems.append(f"bug: {what} {options['url']} {options.get('params')}")
        if answer.status_code >= 400:
            body = answer.json()
            if set(body) != SHAPE or body["code"] not in REFUSALS:
                self.problems.append(f"shape: {what}")


def walked(matrix: Matrix, forbidden: int, allowed: int) -> Walk:
    walk = Walk(matrix)
    matrix.run(walk.run(forbidden, allowed))
    assert not walk.problems, told_all(sorted(set(walk.problems)))
    return walk


@pytest.mark.proof
def test_no_generated_request_gets_a_server_error_or_an_undeclared_answer(matrix: Matrix) -> None:
    walk = walked(matrix, forbidden=12, allowed=8)
    assert len(walk.operations) > 190
    assert walk.statuses[422] > 800, "the requests are refused before they are read"
    assert sum(count for status, count in walk.statuses.items() if status < 300) > 400, walk.statuses
