"""The simulated 抖音 as one thing that can be started: API, webhooks, control."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from miaohui.channels.sim import faults
from miaohui.channels.sim.control import Control
from miaohui.channels.sim.douyin_im.api import Api, Client
from miaohui.channels.sim.douyin_im.inbox import Inbox
from miaohui.channels.sim.http import Answer, Poster, Request, Response, Server, reply
from miaohui.channels.sim.media import MediaHouse
from miaohui.channels.sim.pusher import Envelope, Pusher
from miaohui.channels.sim.timing import SimClock

CLIENT_KEY, CLIENT_SECRET, OPEN_ID, CODE = (
    "awsimulator000001",
    "sim-client-secret",
    "shop-open-id-0001",
    "sim-code",
)


class DouyinSimulator:
    """Start with `await start(port)`; `inbox`, `pusher` and `faults` are for whoever drives it."""

    def __init__(self, key: str = CLIENT_KEY, secret: str = CLIENT_SECRET, seed: int = 1) -> None:
        self.clock, self.faults = SimClock(), faults.Faults()
        self.pusher = Pusher(self._seal, _is_ack, max_batch=1)
        self.client = Client(key, secret, {CODE})
        self.inbox = Inbox(OPEN_ID, key, self.clock.now_ms, self._announce, seed)
        self.api = Api(self.client, self.inbox, self.clock.now_s)
        self.media = MediaHouse(self.clock.now_s)
        self.control = Control(self.clock, self.faults, self.pusher)
        self.server = Server(self.handle)
        self._serial = 0

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.server.port}"

    async def start(self, port: int = 0) -> int:
        """Listen; return the port."""
        return await self.server.start(port)

    async def close(self) -> None:
        """Stop pushing and listening."""
        self.pusher.close()
        await self.server.close()

    def describe(self) -> dict[str, Any]:
        """Return address and account."""
        return {
            "simulator": "douyin_im", "base_url": self.base_url, "client_key": self.client.key,
            "client_secret": self.client.secret, "open_id": self.inbox.open_id, "code": CODE,
        }  # fmt: skip

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.path == "/sim/verify":
            return reply(await self.verify_address())
        if request.path.startswith("/sim/"):
            return self.control.answer(request) or self._control(request)
        fault = self.faults.take(request.path)
        early = faults.before(fault)
        if early is not None:
            return early
        if request.path.startswith("/media/"):
            return faults.after(self.media.answer(request), fault)
        return faults.after(self.api.answer(request, fault is not None and fault.mode == "limit"), fault)

    def sign(self, body: bytes) -> str:
        """Return the webhook signature, written apart from the adapter's."""
        digest = hashlib.new("sha1", usedforsecurity=False)
        digest.update(self.client.secret.encode())
        digest.update(body)
        return digest.hexdigest()

    async def verify_address(self) -> dict[str, Any]:
        """Do what the platform does when the address is saved: it must echo the challenge."""
        challenge = 10_000 + self._serial
        body = json.dumps(
            {"event": "verify_webhook", "client_key": "", "content": {"challenge": challenge}}
        ).encode()
        headers = {"Content-Type": "application/json", "X-Douyin-Signature": self.sign(body)}
        poster = Poster(self.pusher.policy.url)
        answer = await poster.post(body, headers)
        poster.close()
        try:
            ok = answer.status == 200 and json.loads(answer.body) == {"challenge": challenge}
        except ValueError:
            ok = False
        if ok:
            self.pusher.resume()
        return {"ok": ok, "status": answer.status, "challenge": challenge}

    def _announce(
        self, event: str, content: dict[str, Any], sender: str, receiver: str, as_text: bool = False
    ) -> None:  # fmt: skip
        self._serial += 1
        value = json.dumps(content, ensure_ascii=False) if as_text else content
        self.pusher.push(
            {
                "event": event, "client_key": self.client.key, "from_user_id": sender, "to_user_id": receiver,
                "content": value, "log_id": f"02SIM{self._serial:020d}",
            }
        )  # fmt: skip

    def _seal(self, events: Sequence[Any]) -> Envelope:
        # One event a delivery: this platform does not batch.
        body = json.dumps(events[0], ensure_ascii=False, separators=(",", ":")).encode()
        msg_id = events[0]["log_id"]
        headers = {
            "Content-Type": "application/json",
            "X-Douyin-Signature": self.sign(body),
            "Msg-Id": msg_id,
        }
        return Envelope(body, headers, (msg_id,))

    def _control(self, request: Request) -> Response:
        name, given = request.path.removeprefix("/sim/").strip("/"), request.json()
        acts = {
            "messages": self._messages, "enter": self.inbox.enter, "authorize": self.inbox.authorise,
            "recall": self.inbox.recall_by_buyer, "app_reply": self.inbox.type_in_app,
            "comments": self.inbox.comment, "limits": self._set_limits, "block": self._block,
            "events": self._raw, "received": self._received, "app": self._set_app, "media": self.media.take,
        }  # fmt: skip
        try:
            return reply(acts[name](given))
        except (KeyError, ValueError, TypeError) as error:
            return reply({"error": f"{type(error).__name__}: {error}"}, 400)

    def _messages(self, given: dict[str, Any]) -> dict[str, Any]:
        """One message, or many at once: `items`."""
        if "items" in given:
            return {"items": [self.inbox.receive(one) for one in given["items"]]}
        return self.inbox.receive(given)

    def _set_limits(self, given: dict[str, Any]) -> dict[str, Any]:
        self.inbox.limits = replace(self.inbox.limits, **given)
        return {"ok": True}

    def _block(self, given: dict[str, Any]) -> dict[str, Any]:
        self.inbox.talk(given).has_blocked = bool(given.get("blocked", True))
        return {"ok": True}

    def _raw(self, given: dict[str, Any]) -> dict[str, Any]:
        self._announce(
            str(given["event"]), given.get("content", {}), str(given.get("from", "")), str(given.get("to", "")),
            bool(given.get("as_text")),
        )  # fmt: skip
        return {"ok": True}

    def _set_app(self, given: dict[str, Any]) -> dict[str, Any]:
        self.client.codes |= set(given.get("codes", ()))
        self.client.access_life_s = int(given.get("access_life_s", self.client.access_life_s))
        return {"codes": sorted(self.client.codes), "access_life_s": self.client.access_life_s}

    def _received(self, given: dict[str, Any]) -> dict[str, Any]:
        """What buyers got, from number `since` on. The platform has no idempotency: two sends are two messages,
        as in reality."""
        return {
            "items": self.inbox.delivered[int(given.get("since", 0)) :],
            "count": len(self.inbox.delivered),
            "calls": self.api.log[-1000:],
        }


def _is_ack(answer: Answer) -> bool:
    return answer.status == 200
