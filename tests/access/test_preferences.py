"""What a person sets for herself follows her to every browser, and is nobody else's."""

from __future__ import annotations

from tests.access.conftest import Desk


def test_a_preference_is_there_on_another_computer_and_only_for_oneself(desk: Desk) -> None:
    desk.person("alice", "owner")
    desk.person("bob", "agent")

    async def scenario() -> None:
        alice = await desk.log_in("alice")
        assert (await alice.get("/api/preferences")).json() == {"tours": []}
        for taken in (["agent"], ["agent", "supervisor"]):
            assert (await alice.put("/api/preferences/tours", json={"value": taken})).json() == {
                "tours": taken
            }
        again, bob = await desk.log_in("alice"), await desk.log_in("bob")
        assert (await again.get("/api/preferences")).json() == {"tours": ["agent", "supervisor"]}
        assert (await bob.get("/api/preferences")).json() == {"tours": []}

    desk.run(scenario)


def test_a_preference_is_small_and_known(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        alice = await desk.log_in("alice")
        for name, value in (("anything", []), ("tours", ["x" * 41]), ("tours", ["A"]), ("tours", ["a"] * 51)):
            answer = await alice.put(f"/api/preferences/{name}", json={"value": value})
            assert answer.status_code == 422, (name, answer.text)

    desk.run(scenario)
