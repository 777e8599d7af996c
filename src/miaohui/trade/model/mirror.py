"""The shape in which registers are kept and shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from miaohui.kit.clock import from_ms
from miaohui.trade.model.registers import Registers, value_of


def kept(registers: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the registers as JSON: field → [value, version]."""
    return {name: [value, list(version)] for name, (value, version) in registers.items()}


def restored(stored: Mapping[str, Any] | None) -> Registers:
    """Return the registers that `kept` wrote."""
    return {name: (pair[0], tuple(pair[1])) for name, pair in (stored or {}).items()}


def values(registers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values alone, which is what a mirror says."""
    return {name: register[0] for name, register in registers.items()}


def time_in(registers: Registers, name: str) -> datetime | None:
    """Return a field that holds milliseconds as an aware UTC time."""
    value = value_of(registers, name)
    return None if value is None else from_ms(value)


def shown_times(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with every `…_at` and `…_deadline` field as an aware UTC time."""
    return {
        name: from_ms(value) if isinstance(value, int) and name.endswith(("_at", "_deadline")) else value
        for name, value in said.items()
    }
