"""Figures of the inbox. Pure."""

from __future__ import annotations

FAR_MS = 9_007_199_254_740_991  # later than every deadline, and still exact as a JSON number
REOPEN_WITHIN_S = 600  # asked again within 10 minutes: the same conversation (domain §2.3)
SEND_TIMEOUT_S = 20.0
LOOK_UP_AFTER_S = (2, 5, 10, 15, 30, 60, 300, 1800)  # F15: an unknown outcome is known within 60 s, if ever
SILENT_AFTER_S = 900
MAX_TEXT_CHARS = 20_000
MAX_INDEXED_CHARS = 4_000
PREVIEW_CHARS = 80
MAX_TOKEN_CHARS = 64
MAX_NEEDLES = 8
