"""Encryption at rest: AES-256-GCM with a key outside the database, blind indexes by HMAC.

Source: reliability.md §3.3 (secrets and personal data encrypted at rest), R8.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PREFIX = "v1."


class WrongKey(Exception):
    """A stored secret does not open with this installation's key (a restored database without its key?)."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens short texts. `key`: 32 bytes."""

    key: bytes

    def seal(self, text: str, context: str) -> str:
        """Return ciphertext bound to `context` (table and column): it opens nowhere else."""
        nonce = os.urandom(12)
        sealed = AESGCM(self.key).encrypt(nonce, text.encode(), context.encode())
        return _PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, context: str) -> str:
        """Return the text. Raises: WrongKey."""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX))
            return AESGCM(self.key).decrypt(raw[:12], raw[12:], context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise WrongKey(
                f"cannot open a sealed value of {context}: is secret.key the one it was made with?"
            ) from error

    def blind_index(self, text: str, context: str) -> str:
        """Return a keyed hash by which equal texts can be found without opening them."""
        return hmac.new(self.key, f"{context}\0{text}".encode(), hashlib.sha256).hexdigest()


def load_vault(path: Path) -> Vault:
    """Return the vault of the key file, making the file (mode 0600) when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(32)))
            file.flush()
            os.fsync(file.fileno())
    return Vault(base64.b64decode(path.read_bytes()))
