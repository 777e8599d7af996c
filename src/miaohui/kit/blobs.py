"""Files that people and buyers send: stored by content, typed by content, served from behind a signature.

A file's name and declared type are never believed (reliability.md R6, ASVS V5): the type is sniffed from the
bytes, only harmless kinds are accepted, and what a browser may not show is served as a download.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import puremagic

from miaohui.kit.errors import TOO_LARGE, RefusalKind

MAX_BYTES = 20_000_000
LINK_LASTS_S = 900
TYPE_REFUSED = RefusalKind(
    "kit.file_type_refused", 415, "不支持该文件类型", "Files of this type are not accepted"
)
EMPTY_FILE = RefusalKind("kit.empty_file", 422, "文件是空的", "The file is empty")
SHOWN = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav",
     "audio/amr", "audio/aac", "audio/webm", "video/mp4", "video/webm", "video/quicktime"}
)  # fmt: skip
DOWNLOADED = frozenset(
    {"application/pdf", "text/plain", "application/zip",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
     "application/vnd.openxmlformats-officedocument.presentationml.presentation"}
)  # fmt: skip
_SAME = {
    "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav",
    "audio/x-m4a": "audio/mp4", "audio/m4a": "audio/mp4", "video/x-m4v": "video/mp4", "application/ogg": "audio/ogg",
    "image/jpg": "image/jpeg", "video/x-quicktime": "video/quicktime", "audio/x-aac": "audio/aac",
}  # fmt: skip
_STARTS = ((b"%PDF-", "application/pdf"), (b"#!AMR", "audio/amr"))
_OFFICE = (
    (b"word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_TRACKS = re.compile(rb"hdlr.{8}(vide|soun)", re.S)  # what a track of an ISO file is: ISO/IEC 14496-12 §8.4.3
_WEBM_PICTURES, _WEBM_SOUND = re.compile(rb"V_(?:VP[89]|AV1|MPEG)"), re.compile(rb"A_(?:OPUS|VORBIS|AAC)")
_ACTIVE = re.compile(rb"<\s*(!doctype|html|script|svg|\?xml|body|iframe|head|xml)", re.I)
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Blob:
    """A stored file. `digest` is the SHA-256 of its content and its only address."""

    digest: str
    media_type: str
    size_bytes: int


def sniffed_type(data: bytes) -> str:
    """Return the media type that the bytes themselves show, or '' when they show none that is known."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _OFFICE if mark in data), "application/zip")
    try:
        found = [_SAME.get(kind.mime_type, kind.mime_type) for kind in puremagic.magic_string(data)]
    except (puremagic.PureError, ValueError):
        found = []
    seen = next((str(kind) for kind in found if kind in SHOWN), "")
    return _heard_only(seen, data) or (
        _text_type(data) if all(not kind or kind.startswith("text/") for kind in found) else ""
    )


def _heard_only(kind: str, data: bytes) -> str:
    """Return the audio type of a container without pictures, as browsers record voice; else the type as it is."""
    if kind in ("video/mp4", "video/quicktime") and set(_TRACKS.findall(data)) == {b"soun"}:
        return "audio/mp4"
    start = data[:16_384]
    if kind == "video/webm" and _WEBM_SOUND.search(start) and not _WEBM_PICTURES.search(start):
        return "audio/webm"
    return kind


def _text_type(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    is_text = "\0" not in text and not _ACTIVE.search(data[:4096])
    return "text/plain" if is_text else ""


def safe_name(name: str) -> str:
    """Return a file name without paths, controls or direction marks, at most 120 characters."""
    cleaned = _UNSAFE_NAME.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    return cleaned[-120:] or "file"


class BlobStore:
    """Content-addressed files under one folder, and the signatures of the links to them.

    Raises: OSError when the disk does not take a file; nothing is left half written.
    """

    def __init__(self, folder: Path, key: bytes, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self._key = hashlib.sha256(b"miaohui.blobs\0" + key).digest()

    def put(self, data: bytes) -> Blob:
        """Store bytes durably and return where; the same bytes are stored once.

        Raises: Refusal kit.too_large, kit.empty_file, kit.file_type_refused.
        """
        if not data:
            EMPTY_FILE.refuse()
        if len(data) > self.max_bytes:
            TOO_LARGE.refuse(limit_bytes=self.max_bytes)
        media_type = sniffed_type(data)
        if not media_type:
            TYPE_REFUSED.refuse(allowed=sorted(SHOWN | DOWNLOADED))
        blob = Blob(hashlib.sha256(data).hexdigest(), media_type, len(data))
        path = self.path(blob.digest)
        if not path.exists():
            _write(path, data)
        return blob

    def path(self, digest: str) -> Path:
        """Return where a digest's file is. Raises: ValueError for anything that is no digest."""
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("not a digest")
        return self.folder / digest[:2] / digest

    def find(self, digest: str) -> bytes | None:
        """Return a file's bytes, or None when it is not there."""
        path = self.path(digest)
        return path.read_bytes() if path.exists() else None

    def delete(self, digest: str) -> None:
        """Remove a file; one that is not there is fine."""
        self.path(digest).unlink(missing_ok=True)

    def sign(self, subject: str, expires_s: int) -> str:
        """Return the signature of a link to `subject` that is good until `expires_s` (seconds since 1970)."""
        return hmac.new(self._key, f"{subject}\n{expires_s}".encode(), hashlib.sha256).hexdigest()[:32]

    def is_signed(self, subject: str, expires_s: int, signature: str, now_s: float) -> bool:
        """Tell whether a link's signature is ours and still good."""
        expected = self.sign(subject, expires_s)
        return (
            hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")) and now_s < expires_s
        )


def headers_for(media_type: str, name: str) -> Mapping[str, str]:
    """Return the headers with which a stored file is served: nothing in it runs, nothing is guessed."""
    place = "inline" if media_type in SHOWN else "attachment"
    ascii_name = re.sub(r"[^A-Za-z0-9._-]", "_", safe_name(name))[-80:] or "file"
    return {
        "Content-Disposition": f"{place}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(safe_name(name))}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, max-age=900, immutable",
    }


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name survives a power loss as well
        finally:
            os.close(folder)
    finally:
        part.unlink(missing_ok=True)
