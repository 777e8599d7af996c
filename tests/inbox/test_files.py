"""Attachments: typed by content, served apart, behind short-lived signatures (reliability.md R6, ASVS V5)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from miaohui.kit.blobs import EMPTY_FILE, TYPE_REFUSED, BlobStore, headers_for, safe_name, sniffed_type
from miaohui.kit.errors import TOO_LARGE, Refusal
from tests.door import CHARLIE_OUTSIDER
from tests.inbox.desk import Desk
from tests.inbox.people import talk
from tests.inbox.test_widget import PNG

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb") + bytes(64)
GIF = b"GIF89a" + bytes(20)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(32)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("word/document.xml", "<w/>")
    return packed.getvalue()


SEEN = [
    (PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp"), (MP4, "video/mp4"),
    (PDF, "application/pdf"), ("你好".encode(), "text/plain"),
    (docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"PK\x03\x04" + bytes(40), "application/zip"), (b"#!AMR\n" + bytes(9), "audio/amr"),
    (b"ID3\x03" + bytes(40), "audio/mpeg"), (b"OggS" + bytes(30), "audio/ogg"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "media_type"), SEEN, ids=[m for _, m in SEEN])
def test_the_bytes_tell_the_type_and_not_the_name(data: bytes, media_type: str) -> None:
    assert sniffed_type(data) == media_type


def track(kind: bytes) -> bytes:
    """Return the box that says what a track of an MP4 file is."""
    return b"\x00\x00\x00\x21hdlr" + bytes(8) + kind + bytes(13)


WEBM = bytes.fromhex("1a45dfa3") + b"\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(16)
RECORDED = [
    (MP4 + track(b"soun"), "audio/mp4"),
    (MP4 + track(b"vide") + track(b"soun"), "video/mp4"),
    (MP4 + track(b"soun") + b"vide", "audio/mp4"),
    (WEBM + b"A_OPUS", "audio/webm"),
    (WEBM + b"V_VP8" + b"A_OPUS", "video/webm"),
]


@pytest.mark.parametrize(("data", "media_type"), RECORDED)
def test_a_recorded_voice_is_no_video(data: bytes, media_type: str) -> None:
    """Browsers record voice into the containers of video; a buyer must be able to play it as voice."""
    assert sniffed_type(data) == media_type


REFUSED = [
    HTML,
    SVG,
    b"MZ\x90\x00" + bytes(64),
    b"\x7fELF" + bytes(64),
    b"#!/bin/sh\n\x00",
    bytes(300),
    b"\xff\xfe\xfd",
]


@pytest.mark.parametrize("data", REFUSED, ids=range(len(REFUSED)))
def test_what_could_run_or_is_unknown_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        BlobStore(tmp_path, b"k").put(data)
    assert refused.value.kind is TYPE_REFUSED and list(tmp_path.rglob("*")) == []


def test_the_same_bytes_are_stored_once_and_nothing_half_written_stays(tmp_path: Path) -> None:
    store = BlobStore(tmp_path, b"k")
    first = store.put(PNG)
    assert store.put(PNG) == first and store.find(first.digest) == PNG
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first.digest]
    store.delete(first.digest)
    store.delete(first.digest)
    assert store.find(first.digest) is None


def test_empty_and_oversized_files_are_refused(tmp_path: Path) -> None:
    store = BlobStore(tmp_path, b"k", max_bytes=100)
    for data, kind in ((b"", EMPTY_FILE), (b"a" * 101, TOO_LARGE)):
        with pytest.raises(Refusal) as refused:
            store.put(data)
        assert refused.value.kind is kind


@pytest.mark.parametrize("digest", ["../../etc/passwd", "A" * 64, "", "0" * 63])
def test_only_digests_are_addresses(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        BlobStore(tmp_path, b"k").path(digest)


NAMES = [
    ("../../etc/passwd", "passwd"), ("C:\\x\\发票.pdf", "发票.pdf"), ("a\r\nSet-Cookie: x", "a__Set-Cookie_ x"),
    ("\u202egpj.exe", "_gpj.exe"), ("...", "file"), ("", "file"), ("长" * 300 + ".png", "长" * 116 + ".png"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_names_lose_paths_controls_and_direction_marks(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_what_a_browser_may_not_show_is_a_download_and_nothing_runs() -> None:
    shown, saved = headers_for("image/png", "图.png"), headers_for("application/pdf", '"x\r\n.pdf')
    assert shown["Content-Disposition"].startswith("inline") and "sandbox" in shown["Content-Security-Policy"]
    assert saved["Content-Disposition"].startswith("attachment") and "\r" not in str(saved)
    assert "%E5%9B%BE.png" in shown["Content-Disposition"] and shown["X-Content-Type-Options"] == "nosniff"


def test_an_upload_is_served_by_its_signature_until_it_expires(desk: Desk) -> None:
    a = talk(desk)
    path = f"/api/conversations/{a}/attachments"
    made = desk.ask("POST", path, files={"file": ("x.html", PNG, "text/html")}).json()
    assert (made["media_type"], made["part"]["type"]) == ("image/png", "image")
    url = made["url"]
    reply = desk.ask("GET", url, None)
    assert reply.content == PNG and reply.headers["content-type"] == "image/png"
    part = desk.ask("GET", url, None, headers={"range": "bytes=1-3"})
    assert part.status_code == 206 and part.content == PNG[1:4]
    assert desk.ask("GET", url, None, headers={"range": "bytes=900-"}).status_code == 416
    other = url.replace(f"/files/{made['id']}/", f"/files/{made['id'] + 1}/")
    for forged in (
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        other,
        url.replace("e=", "e=9"),
        url.split("?")[0],
    ):
        assert desk.ask("GET", forged, None).status_code == 403
    desk.world.clock.advance(3_600)
    assert desk.ask("GET", url, None).status_code == 403


def test_a_file_goes_out_with_a_link_and_not_with_another_conversations_file(desk: Desk) -> None:
    a, b = talk(desk, "b1"), talk(desk, "b2")
    desk.rt.ports["public_url"] = "https://desk.example"
    upload = lambda one: desk.ask(
        "POST", f"/api/conversations/{one}/attachments", files={"file": ("尺码.png", PNG)}
    )
    part = upload(a).json()["part"]
    send = lambda one, key: desk.call(
        "POST", f"/api/conversations/{one}/messages", json={"client_id": key, "parts": [part]}
    )
    assert send(b, "client-002").status == 404
    assert send(a, "client-001").status == 202
    desk.work()
    url = desk.channel.sent[0][1].parts[0].url
    assert url.startswith("https://desk.example/files/")
    assert desk.ask("GET", url.removeprefix("https://desk.example"), None).content == PNG
    files = {"file": ("x.png", PNG)}
    denied = desk.ask("POST", f"/api/conversations/{a}/attachments", CHARLIE_OUTSIDER, files=files)
    assert denied.status_code == 404


def test_hostile_uploads_are_4xx(desk: Desk) -> None:
    a = talk(desk)
    path = f"/api/conversations/{a}/attachments"
    for data, status in ((HTML, 415), (b"", 422)):
        assert desk.ask("POST", path, files={"file": ("a.png", data)}).status_code == status
    assert desk.ask("POST", path, content=b"no form").status_code == 422
    assert sniffed_type(docx()) in ("application/zip", "") or sniffed_type(docx()).startswith(
        "application/vnd."
    )
