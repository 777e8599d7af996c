"""What a call is made of: templates of bodies, addresses and queries that name things by `Ref`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

NOWHERE = 4_000_000_000_000_000  # below 2^53, and no thing has it


@dataclass(frozen=True)
class Ref:
    """An id of a thing of this kind. `as_text`: where ids are written as text."""

    kind: str
    as_text: bool = False


@dataclass(frozen=True)
class Call:
    """How one route is called so that it gets as far as its business.

    `also`: further statuses that show that the route found everything it was pointed at (its platform is not
    there, the thing is in another state). `part`: fields whose foreign id is answered item by item, status 200.
    `says`: what the route answers about a thing that it does not know, where that is not 404 or 422.
    """

    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)
    has_file: bool = False
    also: tuple[int, ...] = ()
    part: tuple[str, ...] = ()
    says: int = 404


def fill(template: Any, ids: Mapping[str, Any], at: tuple[str, ...] = ()) -> Any:
    """Return the template with every `Ref` replaced; `ids` may hold an override by its place ('body.agent_id')."""
    if isinstance(template, Ref):
        found = ids.get(".".join(at), ids[template.kind])
        return str(found) if template.as_text else found
    if isinstance(template, Mapping):
        return {key: fill(value, ids, (*at, str(key))) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, ids, (*at, str(n))) for n, value in enumerate(template)]
    return template


def refs_in(template: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, Ref]]:
    """Give every `Ref` of a template with its place, 'agent_id' or 'conversation_ids.0'."""
    if isinstance(template, Ref):
        yield ".".join(at), template
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from refs_in(value, (*at, str(key)))
    elif isinstance(template, list):
        for n, value in enumerate(template):
            yield from refs_in(value, (*at, str(n)))


# What a parameter of an address means, wherever it stands; a route whose parameter means another thing says so.
PATH: dict[str, Any] = {
    "account_id": Ref("account"), "aftersale_id": Ref("aftersale"), "attachment_id": Ref("attachment"),
    "buyer_id": Ref("buyer"), "conversation_id": Ref("conversation"), "delivery_id": Ref("delivery"),
    "endpoint_id": Ref("endpoint"), "group_id": Ref("group"), "invitation_id": Ref("invitation"),
    "job_id": Ref("job"), "label_id": Ref("label"), "live_session_id": Ref("live_session"),
    "merge_id": Ref("merge"), "message_id": Ref("message"), "order_id": Ref("order"),
    "promotion_id": Ref("promotion"), "proposal_id": Ref("proposal"), "session_id": Ref("session"),
    "import_id": Ref("import"), "upload_id": Ref("upload"), "signature": Ref("signature"),
    "token_id": Ref("token"), "user_id": Ref("agent"), "view_id": Ref("view"),
    "call_id": Ref("reserve_call"), "ticket_id": Ref("ticket"),
    "kind": "guard_window", "on_date": "2031-05-01",
}  # fmt: skip

# Fields that end like ids of ours and are none.
NOT_OURS = {
    "client_id": "the caller's own idempotency key",
}
