"""Files that a platform sends by reference are fetched once, kept as ours, and never loaded from elsewhere (R15)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from miaohui.channels.model import Account, parts
from miaohui.channels.sim.douyin_im.simulator import DouyinSimulator
from miaohui.channels.sim.media import Kept
from miaohui.inbox.actions.facts import apply_fact
from miaohui.inbox.model.media import Problem, hosts_of, is_listed, problem_of_status, without_addresses
from miaohui.inbox.queries.messages import scrub_messages
from miaohui.kit import jobs
from miaohui.kit.egress import Egress
from miaohui.kit.tx import SYSTEM
from miaohui.shop.actions import add_channel_account
from miaohui.shop.actions.accounts import NewAccount
from tests.inbox.desk import VAULT, Desk
from tests.inbox.parts import line, only
from tests.world import SHOP_A

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "0000000500010d0a2db40000000049454e44ae426082"
)


class Media:
    """A desk whose platform keeps files on a simulator that really listens."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.sim, self.count = desk, DouyinSimulator(), 0
        self.runner = asyncio.Runner()
        self.runner.run(self.sim.start())
        egress = Egress(desk.world.clock, allow=[f"127.0.0.1:{self.sim.server.port}"])
        desk.rt.ports["egress"] = egress
        new = NewAccount("obedient", "有图", {"media_hosts": ["127.0.0.1"]}, {"secret": "x"}, "acc-media")
        account_id = desk.world.write(lambda tx: add_channel_account(tx, VAULT, SHOP_A, new))
        self.account = Account(SHOP_A, account_id, "acc-media", "obedient", new.config)

    def close(self) -> None:
        self.runner.run(self.desk.rt.ports["egress"].close())
        self.runner.run(self.sim.close())
        self.runner.close()

    def url(self, data: bytes = PNG, media_type: str = "image/png", **more: Any) -> str:
        return self.sim.base_url + self.sim.media.put(Kept(data, media_type, **more))

    def say(self, *said: parts.Part, buyer: str = "b1") -> int:
        """Let a buyer send parts; returns the message."""
        self.count += 1
        fact = line(
            "", f"m{self.count}", buyer, account=self.account, at=self.desk.world.clock.now(), parts=said
        )
        self.desk.world.write(lambda tx: apply_fact(tx, self.account, fact))
        sql = "SELECT max(id) FROM inbox_messages"
        return int(self.desk.world.read(lambda conn: conn.exec_driver_sql(sql).scalar_one()))

    def work(self, rounds: int = 20) -> list[str]:
        return self.runner.run(self.desk._work(rounds))

    def message(self, message_id: int) -> dict[str, Any]:
        talk = only(self.desk.call("GET", "/api/conversations").body["items"])["id"]
        items = self.desk.call("GET", f"/api/conversations/{talk}/messages").body["items"]
        return next(one for one in items if one["id"] == message_id)

    def again(self, message_id: int) -> Any:
        talk = only(self.desk.call("GET", "/api/conversations").body["items"])["id"]
        return self.desk.call("POST", f"/api/conversations/{talk}/messages/{message_id}/media")


@pytest.fixture
def media(desk: Desk) -> Any:
    made = Media(desk)
    yield made
    made.close()


def test_a_picture_sent_by_reference_becomes_ours(media: Media) -> None:
    url = media.url()
    mine = media.say(parts.Text("看这里"), parts.Image(ref="p1", url=url, width=3, height=4))
    shown = media.message(mine)["parts"]
    assert shown[1] == {"type": "image", "ref": "p1", "width": 3, "height": 4, "problem": "fetching"}
    assert media.work() == ["done"]
    image = media.message(mine)["parts"][1]
    assert image["url"].startswith("/files/") and image["mime"] == "image/png" and "problem" not in image
    reply = media.desk.ask("GET", image["url"], None)
    assert (reply.status_code, reply.content) == (200, PNG)
    assert media.desk.world.read(scrub_messages).broken_ids == ()


def test_the_feed_tells_when_a_file_came_and_never_a_foreign_address(media: Media) -> None:
    mine = media.say(parts.Image(url=media.url()))
    media.work()
    rows = media.desk.world.read(
        lambda conn: conn.exec_driver_sql("SELECT name, data FROM kit_feed ORDER BY id").all()
    )
    text = "".join(str(row[1]) for row in rows)
    assert "127.0.0.1" not in text and "http" not in text
    told = [row for row in rows if row[0] == "inbox.message_media"]
    assert len(told) == 1 and str(mine) in str(told[0][1]) and "blob_id" in str(told[0][1])


def test_the_same_message_delivered_again_is_the_same_and_fetches_nothing(media: Media) -> None:
    url = media.url()
    media.say(parts.Image(url=url))
    media.work()
    media.count -= 1
    media.say(parts.Image(url=url))
    media.work()
    path = url.removeprefix(media.sim.base_url)
    assert media.sim.media.asked == {path: 1}
    rows = media.desk.world.read(
        lambda conn: conn.exec_driver_sql("SELECT count(*) FROM inbox_conflicts").scalar_one()
    )
    assert rows == 0


def test_an_address_that_has_ended_is_said_so_and_not_tried_again_by_itself(media: Media) -> None:
    mine = media.say(parts.Voice(url=media.url(until_s=0), duration_ms=1_000))
    assert media.work() == ["done"]
    assert media.message(mine)["parts"][0]["problem"] == "expired"
    assert media.again(mine).status == 202
    assert media.message(mine)["parts"][0]["problem"] == "fetching"
    media.work()
    assert media.message(mine)["parts"][0]["problem"] == "expired"


def test_a_platform_that_fails_is_asked_again_and_what_came_meanwhile_is_kept(media: Media) -> None:
    good, bad = media.url(), media.url()
    path = bad.removeprefix(media.sim.base_url)
    media.sim.faults.add({"mode": "error500", "count": 2, "path": path})
    mine = media.say(parts.Image(url=good), parts.Image(url=bad))
    assert media.work(1) == ["retry"]
    assert ["blob_id" in part for part in media.message(mine)["parts"]] == [True, False]
    assert media.work() == ["retry", "done"]
    assert ["blob_id" in part for part in media.message(mine)["parts"]] == [True, True]
    assert media.sim.media.asked[good.removeprefix(media.sim.base_url)] == 1


def test_after_the_last_attempt_the_message_says_that_it_is_unreachable_and_a_person_may_retry(
    media: Media,
) -> None:
    url = media.url()
    path = url.removeprefix(media.sim.base_url)
    media.sim.faults.add({"mode": "reset", "count": jobs.MAX_ATTEMPTS, "path": path})
    mine = media.say(parts.Image(url=url))
    assert media.work() == ["retry"] * (jobs.MAX_ATTEMPTS - 1) + ["done"]
    assert media.message(mine)["parts"][0]["problem"] == "unreachable"
    assert media.again(mine).status == 202
    assert media.work() == ["done"]
    assert "blob_id" in media.message(mine)["parts"][0]
    refused = media.again(mine)
    assert (refused.status, refused.code) == (409, "inbox.nothing_to_fetch")


@pytest.mark.parametrize(
    ("part", "data", "problem"),
    [
        (parts.Image, b"<html><script>alert(1)</script></html>", "wrong_type"),
        (parts.Image, b"just text", "wrong_type"),
        (parts.Voice, PNG, "wrong_type"),
        (parts.File, b"MZ\x90\x00" + bytes(64), "wrong_type"),
        (parts.Image, b"", "wrong_type"),
        (parts.Image, PNG + bytes(20_000_001), "too_large"),
    ],
)
def test_the_content_decides_not_what_the_platform_calls_it(
    media: Media, part: Any, data: bytes, problem: str
) -> None:
    mine = media.say(part(url=media.url(data, "image/png")))
    assert media.work() == ["done"]
    assert media.message(mine)["parts"][0]["problem"] == problem


def test_addresses_off_the_list_are_never_called_also_behind_a_redirect(media: Media) -> None:
    outside = media.say(parts.Image(url="https://evil.example/x.png"))
    moved = media.say(parts.Image(url=media.url(moved_to="http://169.254.169.254/latest")), buyer="b1")
    inside = media.say(
        parts.Image(url="http://127.0.0.1:1/x.png"), buyer="b1"
    )  # listed host, no allowed port
    media.work()
    for mine in (outside, moved, inside):
        assert media.message(mine)["parts"][0]["problem"] == "forbidden", mine


def test_a_redirect_within_the_list_is_followed(media: Media) -> None:
    mine = media.say(parts.Image(url=media.url(moved_to=media.url())))
    media.work()
    assert "blob_id" in media.message(mine)["parts"][0]


def test_a_message_that_was_taken_back_is_not_fetched(media: Media) -> None:
    url = media.url()
    mine = media.say(parts.Image(url=url))
    sql = f"UPDATE inbox_messages SET recalled_ms = 1 WHERE id = {mine}"
    media.desk.world.write(lambda tx: tx.conn.exec_driver_sql(sql))
    assert media.work() == ["done"] and media.sim.media.asked == {}


def test_a_message_of_a_platform_whose_account_is_gone_does_not_hang(media: Media) -> None:
    mine = media.say(parts.Image(url=media.url()))
    sql = f"DELETE FROM inbox_messages WHERE id = {mine}"
    media.desk.world.write(lambda tx: tx.conn.exec_driver_sql(sql), SYSTEM)
    assert media.work() == ["done"]


def test_hosts_match_by_whole_labels_and_are_the_platforms_own() -> None:
    hosts = hosts_of("bridge", {"platform": "feige", "media_hosts": [".Shop.Example"]})
    assert is_listed("https://p3-ecom.byteimg.com/a", hosts) and is_listed(
        "https://img.shop.example/a", hosts
    )
    for url in (
        "https://evilbyteimg.com/a",
        "https://byteimg.com.evil.example/a",
        "https://[::1]/a",
        "nonsense",
    ):
        assert not is_listed(url, hosts), url
    assert hosts_of("widget", {}) == ()


@pytest.mark.parametrize(
    ("status", "problem"),
    [(403, "expired"), (404, "expired"), (410, "expired"), (304, "unreachable"), (418, "unreachable"),
     (429, None), (408, None), (500, None), (503, None)],
)  # fmt: skip
def test_a_status_says_whether_to_try_again(status: int, problem: str | None) -> None:
    assert problem_of_status(status) == (Problem(problem) if problem else None)


def test_emoticons_and_stored_files_lose_foreign_addresses_and_links_keep_theirs() -> None:
    shown = without_addresses(
        [{"type": "emoji", "code": "a", "url": "https://x/1"}, {"type": "image", "blob_id": "5", "url": "https://x/2"},
         {"type": "link", "url": "https://x/3"}, {"type": "image", "url": "https://x/4", "problem": "expired"}]
    )  # fmt: skip
    assert shown == [
        {"type": "emoji", "code": "a"}, {"type": "image", "blob_id": "5"}, {"type": "link", "url": "https://x/3"},
        {"type": "image", "problem": "expired"},
    ]  # fmt: skip
