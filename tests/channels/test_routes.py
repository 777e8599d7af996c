"""The capability page over HTTP (issue 2 item 5)."""

from __future__ import annotations

from miaohui.channels import routes
from tests.door import ALICE_OWNER, BOB_AGENT, Door


def test_the_page_is_for_people_who_may_see_channels(world):
    http = Door(world, routes.router)
    try:
        shown = http.call("GET", "/api/channels", as_=ALICE_OWNER)
        assert [one["channel"] for one in shown.body["items"]] == ["widget", "bridge", "doudian", "douyin_im"]
        assert http.call("GET", "/api/channels", as_=BOB_AGENT).status == 403
        assert http.call("GET", "/api/channels", as_=None).status == 401
    finally:
        http.close()
