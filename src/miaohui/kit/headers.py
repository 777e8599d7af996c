"""Security headers on every answer (reliability.md R24, R6; ASVS 3.4.1–3.4.6, 14.3.2).

Scripts come from our own files only: no inline script, no nonce, which is what a Vite build needs. Inline
*styles* are allowed, since antd writes its styles at run time. Nothing may frame us, except the buyers'
widget, which lives inside other people's pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CSP = "content-security-policy"
_POLICY = _CSP.encode()
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
        fixed = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "permissions-policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
        }
        framed = {
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        }
        ancestors = self.rules.frame_ancestors
        self._own = _encoded(fixed | framed | {_CSP: page_policy(self.rules, "'none'")})
        self._api = _encoded(fixed | framed | {_CSP: API_POLICY})
        self._embedded = _encoded(
            fixed | {_CSP: page_policy(self.rules, ancestors), "cross-origin-resource-policy": "cross-origin"}
        )

    def _of(self, path: str) -> dict[bytes, bytes]:
        if self.rules.is_embeddable(path):
            return self._embedded
        return self._api if self.rules.is_api(path) else self._own

    def _added(self, path: str, headers: list[tuple[bytes, bytes]], *, is_https: bool) -> None:
        """Put our headers into an answer's; a route that knows better keeps its policy (stored files, printed
        pages) and its caching."""
        given = {name.lower() for name, _ in headers}
        ours = self._of(path)
        kept = [(n, v) for n, v in headers if n.lower() not in ours or n.lower() == _POLICY]
        kept += [(n, v) for n, v in ours.items() if n != _POLICY or n not in given]
        if is_https:
            kept.append((b"strict-transport-security", HSTS.encode()))
        if self.rules.is_api(path) and b"cache-control" not in given:
            kept.append((b"cache-control", b"no-store"))
        headers[:] = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, is_https = scope["path"], scope.get("scheme") == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                self._added(path, headers, is_https=is_https)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _encoded(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in headers.items()}
