"""What the demo's programs need to know: addresses and log-ins, in one file that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Seat(msgspec.Struct):
    """A log-in of the example shop. `group`: kind of the group, '' for people who lead."""

    login: str
    password: str
    name: str
    title_zh: str
    group: str
    is_you: bool = False


class Past(msgspec.Struct):
    """A buyer of the past, as 抖音 knows them."""

    open_id: str
    name: str
    order_numbers: list[str] = []


class DemoFile(msgspec.Struct):
    """Everything about one demo. Units: `live_*_ms` milliseconds since 1970; `speed` multiplies demand."""

    base_url: str
    doudian_url: str
    douyin_im_url: str
    widget_key: str
    scenario: str
    speed: float
    seed: int
    live_start_ms: int
    live_end_ms: int
    seats: list[Seat] = []
    group_ids: dict[str, int] = {}
    past: list[Past] = []


def save(path: Path, demo: DemoFile) -> None:
    """Write the file, readable by its owner only, at once or not at all."""
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(demo), indent=2))
    draft.replace(path)


def load(path: Path) -> DemoFile:
    """Return the file's content. Raises: FileNotFoundError, msgspec.ValidationError."""
    return msgspec.json.decode(path.read_bytes(), type=DemoFile)
