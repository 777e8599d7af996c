"""Parts as JSON and back; what does not fit its type is kept as `Unknown`. Pure."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from miaohui.channels.model import parts
from miaohui.channels.model.limits import visible
from miaohui.channels.model.parts import Part

PART_TYPES: dict[str, type[Part]] = {
    kind.type: kind
    for kind in (
        parts.Text, parts.Emoji, parts.Image, parts.Voice, parts.Video, parts.File,
        parts.Location, parts.Link, parts.ProductCard, parts.OrderCard, parts.MiniApp, parts.Menu,
        parts.MenuClick, parts.Coupon, parts.Quote, parts.Merged, parts.Rating, parts.RatingInvite,
        parts.System, parts.Unknown,
    )
}  # fmt: skip


def encode_part(part: Part) -> dict[str, Any]:
    """Return the part as a JSON object; fields at their default are left out."""
    out: dict[str, Any] = {"type": part.type}
    for spec in dataclasses.fields(part):
        value = getattr(part, spec.name)
        if value != spec.default or spec.default is dataclasses.MISSING:
            out[spec.name] = _listed(value)
    return out


def encode_parts(said: Iterable[Part]) -> list[dict[str, Any]]:
    """Return the parts as a JSON array."""
    return [encode_part(part) for part in said]


def decode_part(value: Any) -> Part:
    """Return the part of a JSON object; whatever does not fit its type is kept as `Unknown`."""
    if not isinstance(value, Mapping):
        return parts.Unknown("", value)
    kind = PART_TYPES.get(str(value.get("type")))
    if kind is None:
        return parts.Unknown(str(value.get("type", "")), dict(value))
    hints = _hints(kind)
    given = {name: value[name] for name in hints if name in value}
    try:
        return kind(**{name: _fitted(hints[name], found) for name, found in given.items()})
    except (TypeError, ValueError):
        return parts.Unknown(kind.type, dict(value))


def decode_parts(values: Sequence[Any]) -> tuple[Part, ...]:
    """Return the parts of a JSON array."""
    return tuple(decode_part(value) for value in values)


def plain_text(said: Iterable[Part]) -> str:
    """Return all parts as one text, joined by blanks."""
    return " ".join(text for part in said if (text := part.plain()))


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _fitted(hint: Any, value: Any) -> Any:
    if hint is Any:
        return value
    if hint is str and isinstance(value, str):
        return visible(value)
    if typing.get_origin(hint) is tuple and isinstance(value, list | tuple):
        args = typing.get_args(hint)
        inner = args[0] if args[-1] is Ellipsis else None
        if inner is None and len(args) != len(value):
            raise ValueError("wrong number of items")
        return tuple(_fitted(inner or args[at], item) for at, item in enumerate(value))
    allowed = typing.get_args(hint) or (hint,)
    if type(value) not in allowed:
        raise TypeError(f"{value!r} is no {hint}")
    return value


_HINTS: dict[type[Part], dict[str, Any]] = {}


def _hints(kind: type[Part]) -> dict[str, Any]:
    if kind not in _HINTS:
        names = {spec.name for spec in dataclasses.fields(kind)}
        _HINTS[kind] = {name: hint for name, hint in typing.get_type_hints(kind).items() if name in names}
    return _HINTS[kind]
