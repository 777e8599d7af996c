"""Faults that a simulated platform's API shows on purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from miaohui.channels.sim.http import Response


@dataclass
class Fault:
    """`mode`: limit (traffic error), reset (take the request, then reset), half (cut the answer), slow,
    error500, error500_after (done all the same), html. It hits the next `count` calls whose path contains `path`.
    `status` of the two errors, a 5xx."""

    mode: str
    count: int = 1
    path: str = ""
    delay_s: float = 0.0
    status: int = 500


class Faults:
    """The faults that are set now, oldest first."""

    MODES = ("limit", "reset", "half", "slow", "error500", "error500_after", "html", "reset_before")

    def __init__(self) -> None:
        self._set: list[Fault] = []

    def add(self, value: dict[str, Any]) -> None:
        """Set a fault. Raises: ValueError for an unknown mode or field."""
        if value.get("mode") not in self.MODES:
            raise ValueError(f"mode must be one of {', '.join(self.MODES)}")
        try:
            self._set.append(Fault(**value))
        except TypeError as error:
            raise ValueError(str(error)) from error

    def clear(self) -> None:
        """Remove all faults."""
        self._set.clear()

    def take(self, path: str) -> Fault | None:
        """Return the fault that hits this call, counting it."""
        for fault in self._set:
            if fault.path in path:
                fault.count -= 1
                if fault.count <= 0:
                    self._set.remove(fault)
                return fault
        return None


def before(fault: Fault | None) -> Response | None:
    """Return the answer that stands for the call when the platform does not do it at all."""
    if fault is None:
        return None
    if fault.mode == "reset_before":
        return Response(cut="reset")
    if fault.mode == "error500":
        return Response(fault.status, b"internal error", "text/plain")
    return None


def after(response: Response, fault: Fault | None) -> Response:
    """Return how the answer of a call that was done reaches the client."""
    if fault is None:
        return response
    if fault.mode == "error500_after":
        return Response(fault.status, b"internal error", "text/plain")
    if fault.mode == "html":
        return Response(200, b"<html><body>502 Bad Gateway</body></html>", "text/html")
    cut = fault.mode if fault.mode in ("reset", "half") else ""
    return replace(response, delay_s=fault.delay_s, cut=cut)
