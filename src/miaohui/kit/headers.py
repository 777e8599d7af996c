"""Security headers on every answer (reliability.md R24, R6; ASVS 3.4.1–3.4.6, 14.3.2).

Scripts come from our own files only: no inline script, no nonce, which is what a Vite build needs. Inline
*styles* are allowed, since antd writes its styles at run time. Nothing may frame us, except the buyers'
widget, which lives inside other people's pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True)
class HeaderRules:
    """What differs between addresses.

    `api`: answers that no cache keeps. `embeddable`: pages and scripts of the widget, which pages of
    `frame_ancestors` (a CSP source list) may embed. `connect` and `images`: further CSP sources.
    """

    api: tuple[str, ...] = ("/api/", "/hooks/")
    embeddable: tuple[str, ...] = ("/widget/",)
    frame_ancestors: str = "*"
    connect: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    def is_api(self, path: str) -> bool:
        """Tell whether `path` answers data."""
        return path.startswith(self.api)

    def is_embeddable(self, path: str) -> bool:
        """Tell whether other sites may embed `path`."""
        return path.startswith(self.embeddable)


def page_policy(rules: HeaderRules, ancestors: str) -> str:
    """Return the Content-Security-Policy of pages."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            _sources("img-src", "'self'", "data:", "blob:", *rules.images),
            "media-src 'self' blob:",
            "font-src 'self' data:",
            _sources("connect-src", "'self'", *rules.connect),
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        )
    )


API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


def _sources(directive: str, *sources: str) -> str:
    return " ".join((directive, *sources))


class SecurityHeaders:
    """ASGI middleware. Outside of everything else, so that errors and redirects carry the headers too."""

    def __init__(self, app: ASGIApp, rules: HeaderRules | None = None) -> None:
        self.app, self.rules = app, rules or HeaderRules()
        self._fixed = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)"),
        ]
        self._own = [
            ("Content-Security-Policy", page_policy(self.rules, "'none'")),
            ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        self._api = [("Content-Security-Policy", API_POLICY), *self._own[1:]]
        self._embedded = [
            ("Content-Security-Policy", page_policy(self.rules, self.rules.frame_ancestors)),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        ]

    def _of(self, path: str) -> Sequence[tuple[str, str]]:
        if self.rules.is_embeddable(path):
            return self._embedded
        return self._api if self.rules.is_api(path) else self._own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, is_https = scope["path"], scope.get("scheme") == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own_policy = headers.get("Content-Security-Policy")
                for name, value in (*self._fixed, *self._of(path)):
                    headers[name] = value
                if own_policy is not None:  # a route that knows better: stored files, printed pages
                    headers["Content-Security-Policy"] = own_policy
                if is_https:
                    headers["Strict-Transport-Security"] = HSTS
                if self.rules.is_api(path):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)
