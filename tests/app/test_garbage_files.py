"""No 5xx on hostile files: bombs, names with paths, types that lie, broken multipart (R6, R7)."""

from __future__ import annotations

import io
import zipfile

import pytest

from miaohui.channels.model import Account
from miaohui.channels.web_widget.visitor import Visitor, issue_token
from miaohui.kit.randomness import secret_token
from tests.app.garbage import (
    judged,
    owner,
)
from tests.app.matrix import TALLY, Matrix, shown, told_all
from tests.app.twins import PNG

# ---- uploads


def _zip(count: int, size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for n in range(count):
            file.writestr(f"xl/worksheets/sheet{n}.xml", b"0" * size)
    return made.getvalue()


BOMB = _zip(4, 20_000_000)
FILES = [
    ("ok.png", PNG), ("", PNG), ("../../../etc/passwd", PNG), ("..\\..\\boot.ini", PNG), ("a\0b.png", PNG),
    ("\u202egnp.exe", PNG), ("长" * 300 + ".png", PNG), ("a.png", b""), ("a.png", b"MZ\x90\x00" + b"\0" * 200),
    ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), ("a.html", b"<html><script>1</script>"),
    ("a.png", PNG[:20]), ("a.zip", BOMB), ("a.xlsx", BOMB), ("a.xlsx", b"PK\x03\x04" + b"\xff" * 500),
    ("a.csv", "主订单编号,子订单编号\n".encode("utf-16")), ("a.csv", b"\x00" * 5_000), ("a.csv", b'"' * 5_000),
    ("a.csv", ("," * 20_000 + "\n").encode() * 3), ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    ("a.html", b"<table>" * 2_000), ("a.csv", b"=1+1,=cmd|' /C calc'!A0\n1,2\n"), ("a.txt", b"\xff\xfe\xfd"),
    ("a.gz", b"\x1f\x8b\x08" + b"\0" * 100), ("a.pdf", b"%PDF-1.7\n%\xff"), ("a.json", b"[" * 10_000),
    ("a.csv", b"1" * 400_000), ("a.xlsx", _zip(1, 10)),
]  # fmt: skip


def visitor(matrix: Matrix) -> str:
    """Return the token of a visitor who is new each time, so that nobody is paced.

    Of shop B: what is sent to shop A's routes above changes its account's key.
    """
    shop = matrix.b
    key = {"signing_key": f"{shop.mark}-secret"}
    account = Account(shop.id, shop.ids["account"], f"key-{shop.mark}", "widget", {}, key)
    return issue_token(account, Visitor(secret_token(12), "访客"), matrix.process.clock.now())


@pytest.mark.parametrize(("name", "data"), FILES, ids=[f"{n}-{f[0][:12]!r}" for n, f in enumerate(FILES)])
def test_hostile_files(matrix: Matrix, name: str, data: bytes) -> None:
    """Bombs, names with paths in them, types that are not what they say."""
    talk = f"/api/conversations/{matrix.a.ids['conversation']}/attachments"

    async def ask() -> None:
        problems = []
        for path in (talk, "/api/imports/uploads", f"/widget/key-{matrix.b.mark}/uploads"):
            files = {"file": (name, data, "image/png")}
            headers = {**owner(matrix), "x-miaohui-visitor": visitor(matrix)}
            answer = await matrix.client.post(path, files=files, headers=headers)
            TALLY.add("files")
            assert answer.status_code not in (401, 429), shown(answer)
            problems.append(judged(answer, path))
            if answer.status_code == 201 and path == talk:
                kept = answer.json()["name"]
                if set(kept) & set("/\\\0\u202e") or kept.startswith(".") or len(kept) > 120:
                    problems.append(f"kept as {kept!r}")
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)
        outside = [p for p in matrix.process.settings.data_dir.parent.iterdir() if "passwd" in p.name]
        assert outside == []

    matrix.run(ask())


def test_multipart_bodies_that_are_none(matrix: Matrix) -> None:
    path = f"/api/conversations/{matrix.a.ids['conversation']}/attachments"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    bodies = [
        b"", b"--b", b"--b--", part, part + PNG, part * 3_000, b"\0" * 100, part.replace(b"\r\n", b"\n") + b"x\n--b--",
        b"--b\r\n" + b"X: y\r\n" * 10_000 + b"\r\nz\r\n--b--", part.replace(b'"file"', b'"other"') + b"x\r\n--b--",
        part.replace(b"a.png", b"\xff\xfe") + b"x\r\n--b--\r\n",
    ]  # fmt: skip

    async def ask() -> None:
        problems = []
        for body in bodies:
            head = {**owner(matrix), "content-type": "multipart/form-data; boundary=b"}
            answer = await matrix.client.post(path, content=body, headers=head)
            TALLY.add("multipart")
            problems.append(judged(answer, repr(body[:60])))
        found = [problem for problem in problems if problem]
        assert not found, told_all(found)

    matrix.run(ask())


def test_bodies_over_the_limit_are_refused_with_413(matrix: Matrix) -> None:
    async def ask() -> None:
        for path, size in (
            ("/api/labels", 1_000_001), ("/hooks/widget/x", 1_000_001), ("/api/session", 1_000_001),
            (f"/api/conversations/{matrix.a.ids['conversation']}/attachments", 20_000_001),
        ):  # fmt: skip
            answer = await matrix.client.post(path, content=b"x" * size, headers=owner(matrix))
            assert (answer.status_code, answer.json()["code"]) == (413, "kit.too_large"), path
            TALLY.add("too large")

    matrix.run(ask())
