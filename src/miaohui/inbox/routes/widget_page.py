"""The widget's page and the script that embeds it: five files of ours, the same for every shop."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from miaohui.inbox.routes.widget import widget_account
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.headers import HeaderRules, page_policy
from miaohui.kit.http import runtime

FOLDER = Path(__file__).parent.parent / "page"
TYPES = {
    "page.html": "text/html; charset=utf-8",
    "chat.js": "text/javascript; charset=utf-8",
    "words.js": "text/javascript; charset=utf-8",
    "chat.css": "text/css; charset=utf-8",
    "embed.js": "text/javascript; charset=utf-8",
}


@cache
def _file(name: str) -> tuple[bytes, str]:
    data = (FOLDER / name).read_bytes()
    return data, f'"{sha256(data).hexdigest()[:16]}"'


def _answer(request: Request, name: str, headers: dict[str, str] | None = None) -> Response:
    data, tag = _file(name)
    shown = {"ETag": tag, "Cache-Control": "public, max-age=300", **(headers or {})}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, shown)
    return Response(data, 200, shown, TYPES[name])


async def serve_asset(request: Request) -> Response:
    """Serve `GET /widget/assets/{name}`."""
    name = request.path_params["name"]
    return _answer(request, name) if name in ("chat.js", "words.js", "chat.css") else NOT_FOUND.refuse()


async def serve_script(request: Request) -> Response:
    """Serve `GET /widget/{account_key}.js`: the line that a shop puts into its pages."""
    return _answer(request, "embed.js")


async def serve_page(request: Request) -> Response:
    """Serve `GET /widget/{account_key}`: the chat window, alone or in the frame of an allowed site.

    `origins` in the account's configuration lists the sites that may embed it; without it every site may.
    """
    account = await widget_account(runtime(request), request.path_params["account_key"])
    origins = account.config.get("origins")
    allowed = (
        [o for o in origins if isinstance(o, str) and _is_origin(o)] if isinstance(origins, list) else []
    )
    ancestors = " ".join(("'self'", *allowed)) if allowed else "*"
    return _answer(request, "page.html", {"Content-Security-Policy": page_policy(HeaderRules(), ancestors)})


def _is_origin(text: str) -> bool:
    """Tell whether a text is one plain origin: it goes into a header."""
    scheme, _, host = text.partition("://")
    return scheme in ("https", "http") and bool(host) and not set(host) & set(" ;,'\"\r\n")
