"""The demo's file: whole or not there, readable by its owner only, overruled by the command line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from miaohui.app.sim.__main__ import main, parser, settings_of
from miaohui.app.sim.demo_file import DemoFile, Past, Seat, load, save

DEMO = DemoFile(
    "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3", "demo-widget", "live-evening", 1.0, 7, 1, 2,
    [Seat("xiaomei", "secret", "小美", "售前", "pre_sale", is_you=True)], {"pre_sale": 5}, [Past("_000", "鱼", ["69"])],
)  # fmt: skip


def test_what_was_saved_is_read_and_only_its_owner_may(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    save(path, DEMO)
    assert load(path) == DEMO
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["demo.json"]


def test_the_command_line_overrules_the_file(tmp_path: Path) -> None:
    save(tmp_path / "demo.json", DEMO)
    words = ["buyers", "--demo-file", str(tmp_path / "demo.json"), "--base-url", "http://h:9", "--speed", "5",
             "--scenario", "promotion"]  # fmt: skip
    found = settings_of(parser().parse_args(words))
    assert (found.base_url, found.speed, found.scenario, found.seed) == ("http://h:9", 5.0, "promotion", 7)


def test_a_missing_file_is_said_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agents", "--demo-file", str(tmp_path / "none.json")]) == 1
    assert "miaohui run --demo" in capsys.readouterr().out


def test_a_broken_file_is_said_and_no_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "demo.json").write_text("{")
    assert main(["buyers", "--demo-file", str(tmp_path / "demo.json")]) == 1
    assert "读不到" in capsys.readouterr().out
