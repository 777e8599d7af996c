"""The people of the journeys: a buyer at the widget's door, and colleagues with a browser each."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

WIDGET = "/widget/demo-widget"
WAIT_MS = 15_000
_numbers = itertools.count(1)


def holds(page: Any, text: str) -> None:
    """Wait until the answer box holds a text; by the locator, since the page's policy forbids evaluated texts."""
    from playwright.sync_api import expect

    expect(page.get_by_label("回复内容")).to_have_value(text, timeout=WAIT_MS)


@dataclass(frozen=True)
class Place:
    """Where the server is, and the password of everybody in the example shop."""

    url: str
    password: str


@dataclass
class Buyer:
    """Somebody on the shop's website."""

    client: httpx.Client
    name: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        self.name = f"旅客{next(_numbers)}号"
        answer = self.client.post(f"{WIDGET}/session", json={"name": self.name})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Miaohui-Visitor": self.token}

    def says(self, text: str) -> str:
        """Write one message, through the same door as the page does; return the frame's id."""
        return self.sends({"type": "message", "parts": [{"type": "text", "text": text}]})

    def sends(self, frame: dict[str, Any]) -> str:
        """Send a frame of any kind; return its id."""
        whole = {"id": f"f{next(_numbers)}", **frame}
        answer = self.client.post(f"{WIDGET}/frames", json={"frames": [whole]}, headers=self.headers)
        assert answer.is_success, answer.text
        return str(whole["id"])

    def shows(self, data: bytes, name: str) -> None:
        """Send a picture."""
        sent = self.client.post(f"{WIDGET}/uploads", files={"file": (name, data)}, headers=self.headers)
        assert sent.status_code == 201, sent.text
        self.sends({"type": "message", "parts": [sent.json()["part"]]})

    def takes_back(self, frame_id: str) -> None:
        """Recall a message that was sent with this frame."""
        self.sends({"type": "recall", "message_id": frame_id})

    def has_read(self) -> None:
        """Say that everything up to the newest line was read."""
        newest = max(line["id"] for line in self.lines())
        self.sends({"type": "read", "message_id": str(newest)})

    def lines(self) -> list[dict[str, Any]]:
        """Return what the buyer's window shows, oldest first."""
        answer = self.client.get(f"{WIDGET}/messages", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def reads(self) -> list[str]:
        """Return the texts that we sent and did not take back, oldest first."""
        lines = [line for line in self.lines() if line["role"] != "me" and not line["is_recalled"]]
        return ["".join(part.get("text", "") for part in line["parts"]) for line in lines]

    def hears(self, text: str) -> bool:
        """Tell whether `text` arrives within the time a person would wait."""
        until = time.monotonic() + WAIT_MS / 1000
        while time.monotonic() < until:
            if text in self.reads():
                return True
            time.sleep(0.1)
        return False


@dataclass
class Desk:
    """Opens pages. `wide` is the desk's usual screen."""

    place: Place
    browser: Any
    contexts: list[Any] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    on_duty: list[Any] = field(default_factory=list)

    def page(
        self,
        *,
        size: tuple[int, int] = (1440, 900),
        scheme: str = "light",
        english: bool = False,
        microphone: bool = False,
    ) -> Any:
        """Return a fresh browser's page, in Chinese unless `english`; its microphone is the browser's own tone."""
        context = self.browser.new_context(
            permissions=["microphone"] if microphone else [],
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale="en-GB" if english else "zh-CN",
        )
        context.set_default_timeout(WAIT_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.crashes.append(str(error)))
        return page

    def enter(self, login: str, **how: Any) -> Any:
        """Return a page on which somebody has logged in."""
        page = self.page(**how)
        page.goto(self.place.url + "/login")
        self.log_in(page, login)
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def log_in(self, page: Any, login: str, password: str | None = None) -> None:
        """Fill in the log-in form and send it."""
        page.fill("input[name=username]", login)
        page.fill("input[name=password]", password or self.place.password)
        page.click("button[type=submit]")

    def online(self, page: Any) -> None:
        """Switch the person of a page to 在线."""
        button = page.locator('[aria-label^="接待状态"]')
        button.wait_for()
        if "在线" not in (button.get_attribute("aria-label") or ""):
            button.click()
            page.get_by_role("menuitem").filter(has_text="在线").click()
            page.locator('[aria-label="接待状态: 在线"]').wait_for()
        self.on_duty.append(page)

    def close(self) -> None:
        """Send everybody home and close all pages. Raises: AssertionError when one of them crashed."""
        for page in self.on_duty:
            page.context.request.put(
                self.place.url + "/api/presence",
                data={"presence": "offline", "handover": True},
                headers={"X-Miaohui-Csrf": "1"},
            )
        for context in self.contexts:
            context.close()
        assert not self.crashes, self.crashes
