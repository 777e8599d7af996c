"""The only source of randomness: seeded in tests and demos, the operating system's elsewhere."""

from __future__ import annotations

import random
import secrets


class Rng(random.Random):
    """A random source for choices that need not be secret (jitter, demo worlds, sampling)."""


def system_rng() -> Rng:
    """Return a randomly seeded source."""
    return Rng(secrets.randbits(128))


def secret_token(byte_count: int = 32) -> str:
    """Return a URL-safe secret from the operating system's generator."""
    return secrets.token_urlsafe(byte_count)


def secret_hex(byte_count: int = 16) -> str:
    """Return a secret as lower-case hexadecimal."""
    return secrets.token_hex(byte_count)


def secret_base32(char_count: int = 32) -> str:
    """Return a secret of letters and digits that people can type (5 bits a character)."""
    return "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(char_count))
